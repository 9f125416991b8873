"""What can go wrong between packages and registries."""

from __future__ import annotations

from schemas.errors import ExitCode, ServiceError


class RegistryError(ServiceError):
    """Settings, registries, the catalogue or a release went wrong.

    ::

        RegistryError
        ├── SettingsError              schema-service.toml or the environment asks for something impossible
        │   └── UnknownDatabaseError   there is no registered database of that name or label
        ├── CredentialsError           a registry refuses the credentials, or there are none
        ├── CatalogueError             the state database can't be used (exit 3: safe to run again)
        ├── NewerCatalogueError        a newer version of this tool has changed the state database
        ├── OlderCatalogueError        a shared state database that has to be upgraded before it can be read
        ├── UsageError                 options that can't be combined (exit 2)
        ├── OutputFolderError          a folder that must not be written to
        ├── SigningKeyError            the key that signs releases is missing, unsafe or another one
        ├── SystemRefusalError         the system refuses to read or write: no space, no permission
        ├── NothingToMigrateError      there is no change to write a migration for
        ├── NotPublishedError          a version that the catalogue doesn't know
        ├── CorrectionError            a text that can't replace what was published
        ├── ReleaseError               a version can't be released as it is
        │   ├── CheckFailedError       `check` says that something is wrong with the version
        │   ├── ImmutableVersionError  that version is published already, with other content
        │   ├── UploadRefusedError     a registry understood the upload and refused it
        │   └── VerificationError      a registry returns other bytes than were uploaded
        ├── ReleaseBusyError           another publish is running (exit 3)
        ├── AnnouncementsBusyError     another process is sending announcements (exit 3)
        ├── RegistryUnreachableError   a registry doesn't answer, or answers that it failed (exit 3)
        ├── DatabaseError              a registered database refuses what is asked of it
        ├── DatabaseBusyError          it, or a lock in it, isn't available now (exit 3)
        ├── UnknownRunError            there is no such run
        ├── RunStateError              a run is over, or isn't: it can't be cancelled or tried again
        ├── UploadError                a draft that was uploaded can't be taken as it is
        │   └── UnknownUploadError     there is no such upload
        ├── CheckoutError              the configured checkout can't give what was asked of it
        ├── ArtifactStoreError         the storage of artifacts can't be used (exit 3)
        ├── UnknownSchemaError         this service has no such schema
        ├── TokenError                 a token can't be made or revoked
        ├── UnauthenticatedError       a request to write has no token that is valid
        ├── ForbiddenError             its token doesn't permit that, or no token was made yet
        ├── EmbeddedServerError        a local server doesn't start (exit 3)
        └── ConsumerError              a throw-away consumer can't install a package, or it fails there
    """


class SettingsError(RegistryError):
    """What the settings ask for is impossible or contradicts itself."""


class UnknownDatabaseError(SettingsError):
    """No registered database has that name or label."""


class CredentialsError(RegistryError):
    """A registry refused the credentials, or there are none. Never carries a secret."""


class CatalogueError(RegistryError):
    """The state database can't be reached, read or written."""

    exit_code = ExitCode.SERVICE


class NewerCatalogueError(RegistryError):
    """The state database has tables that this version of the tool doesn't know."""


class OlderCatalogueError(RegistryError):
    """The shared state database has the tables of an older version of the tool, and is only to be read."""


class ReleaseError(RegistryError):
    """This version can't be released as it is."""


class CheckFailedError(ReleaseError):
    """Something is wrong with the version itself: ``problems`` are what `check` shows too."""


class ImmutableVersionError(ReleaseError):
    """The registry has this version with other content. Published versions never change."""


class UploadRefusedError(ReleaseError):
    """The registry is up and the credentials are good, yet it refuses the file."""


class RegistryUnreachableError(RegistryError):
    """The registry can't be reached or failed on its side. Safe to run again."""

    exit_code = ExitCode.SERVICE


class DatabaseError(RegistryError):
    """A registered database refuses a run, or it can't be run from here. Never carries its URL."""


class DatabaseBusyError(RegistryError):
    """A registered database doesn't answer, or somebody else is working on it. Safe to run again."""

    exit_code = ExitCode.SERVICE


class UnknownRunError(RegistryError):
    """There is no such migration run."""


class UploadError(RegistryError):
    """What was uploaded is no draft of the version, or is unsafe to unpack."""


class ReleaseCancelledError(RegistryError):
    """A release job was cancelled before anything was published."""


class UnknownWriteError(RegistryError):
    """The audit log has no such entry."""


class UnknownUploadError(UploadError):
    """There is no such upload of the version."""


class CheckoutError(RegistryError):
    """The configured checkout doesn't have a commit, or there is none."""


class ArtifactStoreError(RegistryError):
    """The storage of artifacts doesn't answer, or refuses."""

    exit_code = ExitCode.SERVICE


class UnknownSchemaError(RegistryError):
    """The service has no schema of that name."""


class RunStateError(RegistryError):
    """A run that is over can't be cancelled, and only one that is over can be tried again."""


class TokenError(RegistryError):
    """A token can't be made or revoked."""


class UnauthenticatedError(RegistryError):
    """A request that needs a token came without one, or with one that isn't valid."""


class ForbiddenError(RegistryError):
    """The token doesn't permit a request."""


class IssuerUnreachableError(RegistryError):
    """The keys of a CI system that is trusted can't be read. Safe to ask again."""

    exit_code = ExitCode.SERVICE


class NotReadyError(RegistryError):
    """The service answers, and something that it needs is missing."""

    exit_code = ExitCode.SERVICE


class EmbeddedServerError(RegistryError):
    """A local server doesn't start, or its folder is in use."""

    exit_code = ExitCode.SERVICE


class ConsumerError(RegistryError):
    """A throw-away consumer can't install a package, or the package fails there."""


class VerificationError(ReleaseError):
    """What a registry returns is not what was uploaded."""


class ReleaseBusyError(RegistryError):
    """Another process is publishing the same schema right now."""

    exit_code = ExitCode.SERVICE


class AnnouncementsBusyError(RegistryError):
    """Another process is sending announcements right now."""

    exit_code = ExitCode.SERVICE


class UsageError(RegistryError):
    """The command was called with options that can't be combined."""

    exit_code = ExitCode.USAGE


class ConflictingOptionsError(UsageError):
    """Each of the options could be, and not all of them together."""


class OutputFolderError(RegistryError):
    """The folder to write to is not empty, or can't be written."""


class SigningKeyError(RegistryError):
    """The key that signs releases is missing, in an unsafe place, or not the workspace's."""


class SystemRefusalError(RegistryError):
    """The operating system refuses to read or write a file, for a reason that the user can remove."""


class NothingToMigrateError(RegistryError):
    """No migration can be written: nothing differs, or one is there already."""


class CorrectionError(RegistryError):
    """What was given says nothing else than what was published, or can't be kept."""


class NotPublishedError(RegistryError):
    """The catalogue has no such version."""
