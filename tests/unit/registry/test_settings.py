"""schema-service.toml: every problem at once, with its place and no secret repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.config.settings import Settings, load_settings
from registry.databases.registered import database_named, fleet
from registry.errors import SettingsError

GOOD = """
name = "billing"
[packages]
python_client = "billing-client"
python_import = "billing_client"
python_interface = "sync"
[registries.pypi]
url = "https://packages.example/simple-upload/"
index_url = "https://packages.example/simple/"
[registries.npm]
url = "http://127.0.0.1:4873"
"""


def load(folder: Path, text: str) -> Settings:
    (folder / "schema-service.toml").write_text(text, encoding="utf-8")
    return load_settings(folder)


def refused(folder: Path, text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(folder, text)
    return caught.value


def test_the_file_is_read_and_the_rest_has_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    assert settings.packages.names().python_client == "billing-client"
    assert settings.packages.names().python_interface == "sync"
    assert settings.packages.names().python_migrations == "schema-migrations"
    assert settings.registries.pypi is not None
    assert settings.registries.pypi.simple_url == "https://packages.example/simple/"
    assert settings.registries.npm is not None
    assert settings.registries.npm.url == "http://127.0.0.1:4873/"
    assert settings.state.url.startswith("sqlite:")


def test_a_rehearsal_server_whose_variable_is_not_set_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(tmp_path, f'{GOOD}[rehearsal]\nurl_env = "REHEARSAL_URL"\n')
    for value in (None, ""):
        monkeypatch.delenv("REHEARSAL_URL", raising=False)
        if value is not None:
            monkeypatch.setenv("REHEARSAL_URL", value)
        with pytest.raises(SettingsError) as caught:
            _ = settings.rehearsal.url
        (problem,) = caught.value.problems
        assert (problem.code, problem.file) == ("variable-not-set", "schema-service.toml")
        assert "REHEARSAL_URL, which [rehearsal] url_env names" in problem.message
    monkeypatch.setenv("REHEARSAL_URL", "postgresql://scratch.example/")
    assert settings.rehearsal.url == "postgresql://scratch.example/"
    assert load(tmp_path, GOOD).rehearsal.url is None


def test_devpis_index_is_found_from_its_upload_address(tmp_path: Path) -> None:
    text = 'name = "x"\n[registries.pypi]\nurl = "http://127.0.0.1:3141/root/release/"\n'
    registry = load(tmp_path, text).registries.pypi
    assert registry is not None
    assert registry.simple_url == "http://127.0.0.1:3141/root/release/+simple/"


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_SERVICE_REGISTRIES__NPM__URL", "https://npm.example/")
    registry = load(tmp_path, GOOD).registries.npm
    assert registry is not None
    assert registry.url == "https://npm.example/"


def test_variables_add_to_the_files_tables_and_others_with_the_prefix_are_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMA_SERVICE_CACHE", "/somewhere")
    monkeypatch.setenv("schema_service_packages__node_client", "@x/client")
    monkeypatch.setenv("SCHEMA_SERVICE_NAME", "other")
    settings = load(tmp_path, 'name = "x"\n[packages]\npython_client = "x-client"\n')
    assert settings.name == "other"
    assert (settings.packages.python_client, settings.packages.node_client) == ("x-client", "@x/client")


@pytest.mark.parametrize(
    ("variable", "code"),
    [
        ("SCHEMA_SERVICE_PACKAGES", "invalid-setting"),
        ("SCHEMA_SERVICE_PACKAGES__NOD_CLIENT", "unknown-setting"),
    ],
)
def test_variables_that_fit_nowhere_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, code: str
) -> None:
    monkeypatch.setenv(variable, "x")
    (problem,) = refused(tmp_path, GOOD).problems
    assert (problem.code, problem.file) == (code, f"the variable {variable}")


def test_text_that_is_no_toml_is_placed(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, 'name = "x"\n[registries\n').problems
    assert (problem.file, problem.line) == ("schema-service.toml", 2)
    assert problem.column is not None


def test_all_problems_are_told_with_what_was_meant(tmp_path: Path) -> None:
    text = 'nam = "x"\n[packages]\npython_cleint = "y"\npython_interface = "threads"\n'
    problems = refused(tmp_path, text).problems
    assert {problem.code for problem in problems} == {"unknown-setting", "missing-setting", "invalid-setting"}
    assert any("'python_client'" in problem.fix for problem in problems)


def test_databases_have_a_variable_for_their_url_and_no_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@db/x")
    text = 'name = "x"\n\n[databases.production]\nurl_env = "DATABASE_URL"\nlabels = ["eu"]\n'
    settings = load(tmp_path, text)
    (database,) = fleet(settings, "eu")
    assert database == database_named(settings, "production")
    assert database.url.reveal() == "postgresql://u:hunter2@db/x"
    assert "hunter2" not in repr(database) + repr(settings)
    for wrong, code in (
        ('url = "postgresql://u:hunter2@db/x"', "unknown-setting"),
        ("labels = []", "missing-setting"),
        ('url_env = "X"\nlabels = "eu"', "invalid-setting"),
    ):
        error = refused(tmp_path, f'name = "x"\n[databases.production]\n{wrong}\n')
        assert code in [problem.code for problem in error.problems]
        assert "hunter2" not in str(error)
        assert not any("'url'" in problem.fix for problem in error.problems)  # that is a registry's
    name = refused(tmp_path, 'name = "x"\n[databases."; drop"]\nurl_env = "X"\n')
    assert name.problems[0].code == "invalid-setting"
    for choose in (lambda: fleet(settings, "us"), lambda: database_named(settings, "prod")):
        with pytest.raises(SettingsError) as caught:
            choose()
        assert caught.value.problems[0].code == "unknown-database"


def test_credentials_in_an_address_are_refused_and_not_repeated(tmp_path: Path) -> None:
    text = 'name = "x"\n[registries.pypi]\nurl = "https://me:hunter2@packages.example/"\n'
    error = refused(tmp_path, text)
    assert "hunter2" not in str(error)
    assert "credentials" in str(error)


@pytest.mark.parametrize(
    "address", ["ftp://packages.example/", "packages.example", "https://", "file:///etc"]
)
def test_an_address_is_http_with_a_host(address: str, tmp_path: Path) -> None:
    error = refused(tmp_path, f'name = "x"\n[registries.npm]\nurl = "{address}"\n')
    assert "registries.npm.url" in error.problems[0].message


def test_package_names_are_checked(tmp_path: Path) -> None:
    text = 'name = 7\n[packages]\npython_import = "class"\nnode_client = "@Org/X"\n[registry]\n'
    codes = [problem.code for problem in refused(tmp_path, text).problems]
    assert sorted(codes) == ["invalid-setting", "package-name", "package-name", "unknown-setting"]


def test_each_problem_is_placed_where_its_value_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMA_SERVICE_REGISTRIES__NPM__URL", "ftp://npm.example")
    text = """\
name = "x"
[packages]
  node_client = "@Org/X"
"python import" = "a = b"
[registries . pypi]
urll = "https://packages.example/"
"""
    assert {problem.place for problem in refused(tmp_path, text).problems} == {
        "schema-service.toml:4:1",  # what the model refuses hides what its names refuse
        "schema-service.toml:5:1",
        "schema-service.toml:6:1",
        "the variable SCHEMA_SERVICE_REGISTRIES__NPM__URL",
    }
    names = text.replace('"python import"', "python_import").replace("urll", "url")
    assert [problem.place for problem in refused(tmp_path, names).problems] == [
        "schema-service.toml:4:1",
        "schema-service.toml:3:3",
        "the variable SCHEMA_SERVICE_REGISTRIES__NPM__URL",
    ]


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "schema-service.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError):
        load_settings(tmp_path)


_SEVERAL = """\
name = "x"
[[registries.pypi]]
url = "https://packages.example/team/prod/"
staging_url = "https://packages.example/team/staging/"
[[registries.pypi]]
name = "mirror"
kind = "gitlab"
auth = "job-token"
url = "https://git.example/api/v4/projects/42/packages/pypi"
[[registries.npm]]
url = "https://npm.example/"
"""


def test_several_registries_of_a_kind_and_the_first_of_them(tmp_path: Path) -> None:
    registries = load(tmp_path, _SEVERAL).registries
    assert registries.pypi is not None
    assert registries.pypi.simple_url == "https://packages.example/team/prod/+simple/"
    assert registries.pypi.staging_simple_url == "https://packages.example/team/staging/+simple/"
    first, mirror = registries.all_pypi
    assert first is registries.pypi
    assert mirror.simple_url == "https://git.example/api/v4/projects/42/packages/pypi/simple/"
    assert (mirror.name, mirror.auth, mirror.staging_simple_url) == ("mirror", "job-token", mirror.simple_url)
    assert [table.url for table in registries.all_npm] == ["https://npm.example/"]
    assert load(tmp_path, GOOD).registries.all_npm == (load(tmp_path, GOOD).registries.npm,)
    assert load(tmp_path, 'name = "x"\n').registries.all_pypi == ()


def test_variables_number_registries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEMA_SERVICE_REGISTRIES__PYPI__1__URL", "https://other.example/")
    monkeypatch.setenv("SCHEMA_SERVICE_REGISTRIES__NPM__0__URL", "https://a.example/")
    monkeypatch.setenv("SCHEMA_SERVICE_REGISTRIES__NPM__1__URL", "https://b.example/")
    registries = load(tmp_path, _SEVERAL).registries
    assert [table.url for table in registries.all_pypi] == [
        "https://packages.example/team/prod/",
        "https://other.example/",
    ]
    assert [table.url for table in registries.all_npm] == ["https://a.example/", "https://b.example/"]


@pytest.mark.parametrize(
    ("change", "code", "what"),
    [
        (('kind = "gitlab"', 'kind = "github"'), "invalid-setting", "'registries.pypi.1.kind'"),
        (('name = "mirror"', 'name = "Mirror 2"'), "invalid-setting", "'registries.pypi.1.name'"),
        (
            ('staging_url = "https://packages.example/team/staging/"', "stage = 1"),
            "unknown-setting",
            "pypi.0",
        ),
        (("team/staging/", "team/prod/"), "invalid-setting", "name a second index"),
        (
            ("https://git.example/api/v4/projects/42/packages/pypi", "ftp://x"),
            "invalid-setting",
            "pypi.1.url",
        ),
        (
            ("https://git.example/api/v4/projects/42/packages/pypi", "https://packages.example/team/prod"),
            "invalid-setting",
            "two registries have the address",
        ),
        (("[[registries.npm]]\nurl", "[registries.more_npm]\nurl"), "unknown-setting", "more_npm"),
    ],
)
def test_what_is_wrong_with_one_of_several(
    tmp_path: Path, change: tuple[str, str], code: str, what: str
) -> None:
    (problem,) = refused(tmp_path, _SEVERAL.replace(*change)).problems
    assert problem.code == code
    assert what in problem.message
    assert problem.file == "schema-service.toml"
    assert problem.line is not None
