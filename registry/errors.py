"""What can go wrong between packages and registries."""

from __future__ import annotations

from schemas.errors import ExitCode, ServiceError


class RegistryError(ServiceError):
    """Settings, registries, the catalogue or a release went wrong.

    ::

        RegistryError
        ├── SettingsError              schema-service.toml or the environment asks for what can't be
        ├── CredentialsError           a registry wants other credentials, or any
        ├── CatalogueError             the state database can't be used (exit 3: safe to run again)
        ├── UsageError                 options that exclude each other (exit 2)
        ├── OutputFolderError          a folder that is not ours to write to
        ├── SystemRefusalError         the system refuses a file: no space, no permission
        ├── NothingToMigrateError      there is no change to write a migration for
        ├── NotPublishedError          a version that the catalogue doesn't know
        ├── ReleaseError               a version can't be released as it is
        │   ├── ImmutableVersionError  that version is out already, with other content
        │   ├── UploadRefusedError     a registry understood the upload and said no
        │   └── VerificationError      a registry gives back other bytes than were uploaded
        ├── ReleaseBusyError           another publisher is at work (exit 3)
        ├── RegistryUnreachableError   no registry answers, or it answers that it failed (exit 3)
        ├── EmbeddedServerError        a server of ours on this machine doesn't start (exit 3)
        └── ConsumerError              a throw-away consumer can't install a package, or it fails there
    """


class SettingsError(RegistryError):
    """What the settings ask for is impossible or contradicts itself."""


class CredentialsError(RegistryError):
    """A registry refused the credentials, or there are none. Never carries a secret."""


class CatalogueError(RegistryError):
    """The state database can't be reached, read or written."""

    exit_code = ExitCode.SERVICE


class ReleaseError(RegistryError):
    """This version can't be released as it is."""


class ImmutableVersionError(ReleaseError):
    """The registry has this version with other content. Published versions never change."""


class UploadRefusedError(ReleaseError):
    """The registry is up and the credentials are good, yet it refuses the file."""


class RegistryUnreachableError(RegistryError):
    """The registry can't be reached or failed on its side. Safe to run again."""

    exit_code = ExitCode.SERVICE


class EmbeddedServerError(RegistryError):
    """A registry of ours on this machine doesn't start, or its folder is in use."""

    exit_code = ExitCode.SERVICE


class ConsumerError(RegistryError):
    """A throw-away consumer can't install a package, or the package fails there."""


class VerificationError(ReleaseError):
    """What a registry gives back is not what was uploaded."""


class ReleaseBusyError(RegistryError):
    """Another process is publishing the same schema right now."""

    exit_code = ExitCode.SERVICE


class UsageError(RegistryError):
    """The command was called with options that don't go together."""

    exit_code = ExitCode.USAGE


class OutputFolderError(RegistryError):
    """The folder to write to has something in it."""


class SystemRefusalError(RegistryError):
    """The operating system refuses to read or write a file, for a reason that the user can remove."""


class NothingToMigrateError(RegistryError):
    """No migration can be written: nothing differs, or one is there already."""


class NotPublishedError(RegistryError):
    """The catalogue has no such version."""
