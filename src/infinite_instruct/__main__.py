"""`python -m infinite_instruct`: the command line where the script is not on the PATH."""

from infinite_instruct.cli.app import main

if __name__ == "__main__":
    main()
