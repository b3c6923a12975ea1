"""Check that two wheels hold the same files: the links at the root must not change a build."""

import sys
from zipfile import ZipFile

names = [set(ZipFile(path).namelist()) for path in sys.argv[1:3]]
missing = sorted(names[0] ^ names[1])
print(f"package: {len(names[1])} files")
sys.exit(f"only in one of the wheels: {missing}" if missing else 0)
