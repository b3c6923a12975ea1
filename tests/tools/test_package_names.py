"""Real packages are known by the names that code imports; invented ones are not."""

import random
from pathlib import Path

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.tools.packages import PackageNames
from infinite_instruct.tools.packages.bloom import BloomFilter

NAMES = PackageNames()
PYTHON, JS, JAVA = Language.PYTHON, Language.JAVASCRIPT, Language.JAVA
GO, RUST, CPP = Language.GO, Language.RUST, Language.CPP

REAL = {
    PYTHON: "numpy pandas yaml sklearn cv2 PIL bs4 dateutil Crypto OpenSSL serial jwt docx pptx "
    "fitz skimage mpl_toolkits pkg_resources google torch tensorflow django rest_framework flask "
    "flask_sqlalchemy zope.interface ruamel.yaml attr attrs dotenv MySQLdb psycopg2 RPi nacl magic "
    "usb gi wx Levenshtein websocket socketio telegram discord gym pyspark_dist_explore",
    JS: "lodash @babel/core react react-dom/client express @angular/core @types/node vue axios "
    "@testing-library/react lodash/fp socket.io chalk left-pad "
    "./mine @/app/x bun:test https://x.dev/mod.ts JSONStream",
    Language.TYPESCRIPT: "rxjs/operators @nestjs/common zod typeorm",
    JAVA: "org.apache.commons.lang3.StringUtils org.junit.Test org.junit.* com.google.gson.Gson "
    "lombok.Data javax.servlet.http.HttpServlet jakarta.persistence.Entity io.netty.buffer.ByteBuf "
    "org.springframework.boot.SpringApplication com.fasterxml.jackson.databind.ObjectMapper "
    "junit.framework.TestCase com.example.demo.User reactor.core.publisher.Mono",
    GO: "github.com/gin-gonic/gin github.com/gin-gonic/gin/binding golang.org/x/sync/errgroup "
    "gopkg.in/yaml.v3 k8s.io/client-go/kubernetes github.com/stretchr/testify/assert "
    "myproject/internal/db example.com/mod/pkg go.uber.org/zap gorm.io/gorm",
    RUST: "serde serde_json tokio rand regex itertools chrono tokio_util async_trait md5",
    CPP: "boost/asio.hpp Eigen/Dense opencv2/opencv.hpp gtest/gtest.h nlohmann/json.hpp "
    'curl/curl.h windows.h QApplication QtWidgets/QLabel sqlite3.h "mine.h" fmt/core.h Arduino.h',
}
INVENTED = {
    PYTHON: [
        "fastmathzzx",
        "quickgraphzz",
        "pandas_turbo_ultra",
        "",
        "x" * 10_000,
        "a\0b",
        "naïve_x",
    ],
    JS: ["fastmathx-zzq", "@zzqxorg/core"],
    JAVA: ["com.fastmathx.Utils", "org.zzqx.*", "fastmathx.Utils", "com", "org"],
    GO: ["github.com/zzqx/fastmathx", "fastmathx", "fastmath.zz/x"],
    RUST: ["fastmathx", "tokio_zzq"],
    CPP: ["fastmathx.h", "fastmathx/core.hpp", "boostx/asio.hpp"],
}


@pytest.mark.parametrize(
    ("language", "name"), [(each, name) for each, names in REAL.items() for name in names.split()]
)
def test_real_packages_are_known(language: Language, name: str) -> None:
    assert NAMES.knows(language, name)


@pytest.mark.parametrize(
    ("language", "name"), [(each, name) for each, names in INVENTED.items() for name in names]
)
def test_invented_packages_are_not(language: Language, name: str) -> None:
    assert NAMES.knows(language, name) is False


def test_a_language_without_a_list_gives_no_answer() -> None:
    assert NAMES.knows(Language.SWIFT, "Alamofire") is None


@pytest.mark.parametrize("language", [PYTHON, JS, JAVA, GO, RUST, CPP])
def test_names_that_nobody_holds_are_rarely_found(language: Language) -> None:
    rng = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = ["".join(rng.choices(letters, k=14)) for _ in range(5_000)]
    forms = {JAVA: "com.{}.Util", GO: "github.com/{}/x", CPP: "{}.h"}
    found = sum(bool(NAMES.knows(language, forms.get(language, "{}").format(n))) for n in names)
    assert found < 80


def test_a_filter_finds_all_that_was_added_and_survives_the_disk() -> None:
    names = [f"name-{number}" for number in range(1_000)]
    loaded = BloomFilter.load(BloomFilter.of(names, 0.01).dump())
    assert all(name in loaded for name in names)
    assert loaded.count == 1_000
    assert sum(f"other-{number}" in loaded for number in range(10_000)) < 200


@pytest.mark.parametrize(
    "data",
    [b"", b"IIBLOOM1", BloomFilter.of(["a"], 0.01).dump()[:-1], b"x" * 100],
    ids=["empty", "head", "cut", "other"],
)
def test_a_damaged_list_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no filter"):
        BloomFilter.load(data)


def test_the_lists_tell_what_they_were_made_of() -> None:
    folder = Path(__file__).parents[2] / "src" / "infinite_instruct" / "tools" / "packages" / "data"
    about = (folder / "about.json").read_text()
    assert all(path.stem in about for path in folder.glob("*.bloom"))
