# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0
"""What a machine of another architecture needs to be built for: zstd, GoogleTest, a Meson cross file.

Programs are linked statically, so that qemu-user runs them without a root file system of that architecture.
FlatBuffers, Highway, Eigen, CLI11 and nlohmann-json are headers, which Debian's cross compilers find in /usr/include.

WebAssembly is one of these machines: Emscripten compiles for it, and Node.js runs the programs.
"""

import dataclasses
import pathlib
import re
import shutil
import subprocess
import tempfile

GOOGLETEST = pathlib.Path("/usr/src/googletest/googletest")
LIBCXX = pathlib.Path(__file__).with_name("libcxx.h")
# Headers whose pkg-config file lies where only native compilers look.
HEADERS = ["flatbuffers", "libhwy"]
# Headers that Emscripten, whose /usr/include is its own, does not find there: made known to it by links in a folder.
LINKED_HEADERS = ["CLI", "flatbuffers", "hwy", "nlohmann"]
# Meson's words where they are not the first of the triple.
CPU_FAMILIES = {"i686": "x86", "powerpc64le": "ppc64"}
BIG_ENDIAN = {"s390x"}


@dataclasses.dataclass(frozen=True)
class Toolchain:
    """Commands, as lists, and what they are always given."""

    c: list
    cpp: list
    archive: list
    strip: list
    arguments: tuple = ()  # of the compilers
    link_arguments: tuple = ("-static",)
    system: str = "linux"
    suffix: str = ""  # of programs
    optimization: str = "-O1"  # of the libraries


WASM = "wasm32-emscripten"
# Debian's Emscripten finds its JavaScript in this folder only if Node.js is Debian's too.
EMSCRIPTEN = ["env", "NODE_PATH=/usr/share/nodejs"]
# Exceptions and vectors of WebAssembly itself, which browsers have had since 2023 (Safari was the last). No threads:
# pages can share memory between them only if their server sends certain headers.
WASM_ARGUMENTS = ("-fwasm-exceptions", "-msimd128")
# Of programs for Node.js: files are those of this machine, and memory grows as it is needed.
WASM_PROGRAM = ("-fwasm-exceptions", "-sNODERAWFS=1", "-sWASM_ASYNC_COMPILATION=0",
                "-sALLOW_MEMORY_GROWTH=1", "-sMAXIMUM_MEMORY=4GB")


def toolchain(triple):
    if triple == WASM:
        return Toolchain([*EMSCRIPTEN, "emcc"], [*EMSCRIPTEN, "em++"], ["emar"], ["true"], WASM_ARGUMENTS, WASM_PROGRAM,
                         "emscripten", ".js", "-O2")
    return Toolchain([f"{triple}-gcc"], [f"{triple}-g++"], [f"{triple}-gcc-ar"], [f"{triple}-strip"])


def for_sources(text):
    """A package list of apt's, of either form, made to ask for sources instead of programs."""
    text = re.sub(r"^Types:.*$", "Types: deb-src", text, flags=re.MULTILINE)
    text = re.sub(r"^deb-src .*$", "", text, flags=re.MULTILINE)
    return re.sub(r"^deb ", "deb-src ", text, flags=re.MULTILINE)


def fetch_zstd(folder):
    """The source of the distribution's zstd, checked by apt, unpacked into `folder`."""
    if (folder / "lib" / "zstd.h").exists():
        return
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        parts = root / "sources"
        for made in (parts, root / "lists" / "partial", root / "cache" / "archives" / "partial"):
            made.mkdir(parents=True)
        etc = pathlib.Path("/etc/apt")
        for path in [etc / "sources.list", *(etc / "sources.list.d").glob("*")]:
            if path.suffix in (".list", ".sources") and path.is_file():
                (parts / path.name).write_text(for_sources(path.read_text(encoding="utf-8")), encoding="utf-8")
        options = {
            "Dir::Etc::SourceList": "/dev/null",
            "Dir::Etc::SourceParts": parts,
            "Dir::State::Lists": root / "lists",
            "Dir::Cache": root / "cache",
            "APT::Sandbox::User": "",
        }
        apt = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in options.items())]
        # A third-party repository without sources makes this fail; what counts is that zstd is found.
        subprocess.run([*apt, "update"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run([*apt, "source", "--download-only", "libzstd"], cwd=root, check=True, capture_output=True)
        archive = next(path for path in root.glob("libzstd_*.orig.tar.*") if path.suffix != ".asc")
        unpacked = root / "zstd"
        unpacked.mkdir()
        subprocess.run(["tar", "-xf", archive, "-C", unpacked, "--strip-components=1"], check=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(unpacked, folder)


def zstd_version(source):
    header = (source / "lib" / "zstd.h").read_text(encoding="utf-8")
    return ".".join(re.findall(r"#define ZSTD_VERSION_(?:MAJOR|MINOR|RELEASE) +(\d+)", header))


def build_library(folder, tools, name, sources, arguments):
    """lib<name>.a in `folder`, unless it is there."""
    library = folder / f"lib{name}.a"
    if library.exists():
        return
    made = []
    for source in sources:
        compiler = tools.c if source.suffix == ".c" else tools.cpp
        made.append(folder / f"{name}-{source.stem}.o")
        subprocess.run([*compiler, tools.optimization, *tools.arguments, *arguments, "-c", source, "-o", made[-1]],
                       check=True)
    part = folder / f"{name}.part"
    part.unlink(missing_ok=True)
    subprocess.run([*tools.archive, "rcs", part, *made], check=True)
    part.rename(library)


def write_pkgconfig(folder, package, version, flags, libraries):
    (folder / f"{package}.pc").write_text(
        f"Name: {package}\nDescription: for a platform of the conformance suite\nVersion: {version}\n"
        f"Cflags: {flags}\nLibs: {libraries}\n"
    )


def build_libraries(folder, triple, zstd):
    tools = toolchain(triple)
    folder.mkdir(parents=True, exist_ok=True)
    lib = zstd / "lib"
    sources = sorted(path for part in ("common", "compress", "decompress") for path in (lib / part).glob("*.c"))
    build_library(folder, tools, "zstd", sources, ["-DZSTD_DISABLE_ASM"])
    sources = [GOOGLETEST / "src" / "gtest-all.cc", GOOGLETEST / "src" / "gtest_main.cc"]
    includes = [f"-I{GOOGLETEST}/include", f"-I{GOOGLETEST}"]
    build_library(folder, tools, "gtest_main", sources, includes)
    write_pkgconfig(folder, "libzstd", zstd_version(zstd), f"-I{lib}", f"-L{folder} -lzstd")
    write_pkgconfig(folder, "gtest_main", "1.0", includes[0], f"-L{folder} -lgtest_main")
    for package in HEADERS:
        native = subprocess.run(["pkg-config", "--modversion", package], check=True, capture_output=True, text=True)
        write_pkgconfig(folder, package, native.stdout.strip(), "", "")
    if triple == WASM:
        include = folder / "include"
        include.mkdir(exist_ok=True)
        for name in LINKED_HEADERS:
            if not (include / name).is_symlink():
                (include / name).symlink_to(pathlib.Path("/usr/include") / name)


def write_cross_file(path, triple, emulator, libraries):
    tools = toolchain(triple)
    arguments = [*tools.arguments]
    if triple == WASM:
        arguments += [f"-isystem{libraries}/include", "-include", str(LIBCXX)]
    cpu = triple.split("-")[0]
    path.write_text(f"""[binaries]
cpp = {tools.cpp}
ar = {tools.archive}
strip = {tools.strip}
pkgconfig = 'pkg-config'
exe_wrapper = '{emulator}'

[built-in options]
cpp_args = {arguments}
cpp_link_args = {list(tools.link_arguments)}

[properties]
pkg_config_libdir = ['{libraries}', '/usr/share/pkgconfig']

[host_machine]
system = '{tools.system}'
cpu_family = '{CPU_FAMILIES.get(cpu, cpu)}'
cpu = '{cpu}'
endian = '{"big" if cpu in BIG_ENDIAN else "little"}'
""")
