"""Publishing the same four packages with the tools that people use by hand, each at its fastest.

What no tool generates is given to this pipeline for nothing, in the state before its first command: the
sources of the Python client and of the migrations package (those of our own generators), and every manifest.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from generators.file_tree import FileTree
from generators.migrations_package.generate import MigrationsTarget
from generators.python_client.generate import PythonClientTarget
from generators.target import GenerationRequest, Target
from registry.consumers.throwaway_environments import (
    NpmProject,
    PythonEnvironment,
    npm_project,
    python_environment,
)
from schemas.prisma.nodejs import node_environment, node_executable, npm_command
from schemas.prisma.toolchain import installed

from .programs import run
from .registries import Registries

#: The committed package.json and package-lock.json with Prisma's CLI and TypeScript; `npm install
#: --package-lock-only` in there makes the lock again, without addresses.
TOOLS = Path(__file__).parent / "by_hand"
_GENERATOR = """

generator client {
  provider            = "prisma-client"
  output              = "src"
  importFileExtension = "js"
}
"""
_TSCONFIG = {
    "compilerOptions": {
        "target": "es2022",
        "module": "nodenext",
        "rootDir": "src",
        "outDir": "dist",
        "declaration": True,
        "strict": True,
        "skipLibCheck": True,
        "lib": ["es2022"],
        "types": [],
    },
    "include": ["src"],
}
#: What a browser can load of the compiled client; its types are in all of the declarations.
_BROWSER_FILES = ("browser.js", "enums.js", "internal/prismaNamespaceBrowser.js")
NODE_VARIABLES = {
    # The CLI downloads a schema engine, which generating never runs, unless it is told that there is one.
    "PRISMA_SCHEMA_ENGINE_BINARY": str(node_executable()),
    "CHECKPOINT_DISABLE": "1",
    "PRISMA_HIDE_UPDATE_MESSAGE": "1",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_update_notifier": "false",
}
_PIP_VARIABLES = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
}


@dataclass(frozen=True, slots=True)
class Step:
    """``name`` is the command as people know it."""

    name: str
    run: Callable[[], None]


class HandPipeline:
    """One round in ``folder`` (new): ``request`` says what is published, and under which names."""

    def __init__(self, folder: Path, request: GenerationRequest, registries: Registries) -> None:
        self.request = request
        self._registries = registries
        self._client, self._types = folder / "client", folder / "types"
        self._wheels = (folder / "python", folder / "migrations")
        self._consumers = folder / "consumers"
        self._modules = folder / "node_modules"
        self._lay_out()

    @property
    def publishing(self) -> tuple[Step, ...]:
        """From schema.prisma to four packages in their registries."""
        return (
            Step("prisma generate", self._generate),
            Step("tsc", self._compile),
            Step("npm pack, twice", self._pack),
            Step("npm publish, twice", self._publish),
            Step("python -m build, twice", self._build),
            Step("twine upload, twice", self._upload),
        )

    @property
    def installing(self) -> tuple[Step, ...]:
        """From the registries into a clean Python and a clean Node consumer, as people do it."""
        return (
            Step("npm install", self._install_npm),
            Step("python -m venv", self._make_venv),
            Step("pip install", self._install_pip),
        )

    @property
    def installing_with_uv(self) -> Step:
        """What may stand in for the venv and pip: our own gate installs with uv."""
        return Step("uv venv, uv pip install", self._install_uv)

    @property
    def steps(self) -> tuple[Step, ...]:
        return (*self.publishing, *self.installing, self.installing_with_uv)

    @property
    def python_consumers(self) -> tuple[PythonEnvironment, PythonEnvironment]:
        """The one that pip filled, and the one that uv filled."""
        return PythonEnvironment(self._consumers / "pip"), PythonEnvironment(self._consumers / "uv")

    @property
    def node_consumer(self) -> NpmProject:
        return NpmProject(self._consumers / "npm")

    def _lay_out(self) -> None:
        request, names = self.request, self.request.names
        targets: tuple[Target, ...] = (PythonClientTarget(), MigrationsTarget())
        for target, folder in zip(targets, self._wheels, strict=True):
            _write(target.generate(request).files, folder)
        _write(_npm_files(names.node_client, request, "client"), self._client)
        _write(_npm_files(names.typescript_types, request, "browser"), self._types)
        (self._client / "schema.prisma").write_text(request.schema.text + _GENERATOR, "utf-8")
        (self._client / "tsconfig.json").write_text(json.dumps(_TSCONFIG), "utf-8")
        # Above the packages, as in a workspace with one node_modules: npm pack doesn't have to read it.
        self._modules.symlink_to(installed(TOOLS) / "node_modules", target_is_directory=True)
        for folder in (self._client, self._types):
            self._write_npmrc(folder / ".npmrc")
        self._consumers.mkdir()

    def _write_npmrc(self, file: Path) -> None:
        verdaccio = self._registries.verdaccio
        address = verdaccio.url.partition(":")[2]
        file.touch(mode=0o600)
        file.write_text(f"{address}:_authToken={verdaccio.token.reveal()}\n", "utf-8")

    def _generate(self) -> None:
        self._node("prisma/build/index.js", "generate", "--schema", "schema.prisma", "--no-hints")

    def _compile(self) -> None:
        self._node("typescript/bin/tsc", "--project", ".")
        compiled, browser = self._client / "dist", self._types / "dist"
        declarations = [path.relative_to(compiled) for path in compiled.rglob("*.d.ts")]
        for path in [*declarations, *map(Path, _BROWSER_FILES)]:
            (browser / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(compiled / path, browser / path)

    def _pack(self) -> None:
        for folder in (self._client, self._types):
            self._npm(folder, "pack")

    def _publish(self) -> None:
        for folder in (self._client, self._types):
            (tarball,) = folder.glob("*.tgz")
            registry = self._registries.verdaccio.url
            self._npm(folder, "publish", f"./{tarball.name}", "--registry", registry)

    def _build(self) -> None:
        # Isolated builds would download hatchling first; here it is installed already.
        for folder in self._wheels:
            command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "."]
            run(command, folder, os.environ)

    def _upload(self) -> None:
        devpi = self._registries.devpi
        credentials = {"TWINE_USERNAME": devpi.username, "TWINE_PASSWORD": devpi.password.reveal()}
        for folder in self._wheels:
            (wheel,) = (folder / "dist").glob("*.whl")
            command = [sys.executable, "-m", "twine", "upload", "--non-interactive"]
            options = ["--disable-progress-bar", "--repository-url", devpi.upload_url]
            run([*command, *options, wheel], folder, {**os.environ, **credentials})

    def _install_npm(self) -> None:
        names, version = self.request.names, self.request.version
        specs = [f"{name}@{version}" for name in (names.node_client, names.typescript_types)]
        npm_project(self._consumers / "npm", specs, registry=self._registries.verdaccio.url)

    def _make_venv(self) -> None:
        run([sys.executable, "-m", "venv", self._consumers / "pip"], self._consumers, os.environ)

    def _install_pip(self) -> None:
        environment = PythonEnvironment(self._consumers / "pip")
        command = [str(environment.python), "-m", "pip", "install", "--quiet"]
        index = ["--index-url", self._registries.devpi.index_url]
        environment.run_command([*command, *index, *self._pins()], variables=_PIP_VARIABLES)

    def _install_uv(self) -> None:
        index = self._registries.devpi.index_url
        python_environment(self._consumers / "uv", self._pins(), index_url=index)

    def _pins(self) -> list[str]:
        names, version = self.request.names, self.request.version.pep440
        return [f"{name}=={version}" for name in (names.python_client, names.python_migrations)]

    def _node(self, program: str, *arguments: str) -> None:
        command = [str(node_executable()), str(self._modules / program), *arguments]
        run(command, self._client, node_environment() | NODE_VARIABLES)

    def _npm(self, folder: Path, *arguments: str) -> None:
        run([*npm_command(), *arguments, "--loglevel=error"], folder, node_environment() | NODE_VARIABLES)


def _npm_files(name: str, request: GenerationRequest, entry: str) -> FileTree:
    """A manifest as short as it can be. Prisma's own version is that of the committed tools."""
    tools = json.loads((TOOLS / "package.json").read_text("utf-8"))["dependencies"]
    needed = ("@prisma/client", "@prisma/adapter-pg") if entry == "client" else ("@prisma/client",)
    manifest = {
        "name": name,
        "version": str(request.version),
        "description": request.description,
        "type": "module",
        "exports": {".": {"types": f"./dist/{entry}.d.ts", "default": f"./dist/{entry}.js"}},
        "files": ["dist"],
        "dependencies": {package: tools[package] for package in needed},
    }
    return FileTree({"package.json": json.dumps(manifest, indent=2)})


def _write(files: FileTree, folder: Path) -> None:
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
