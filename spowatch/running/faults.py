"""Why a role is not running: told apart from the roles, so that other commands need not load those."""


class AlreadyRunning(Exception):
    """Another process runs this role on this store."""


class RoleFailed(Exception):
    """A role is not running any more, though nobody asked it to stop."""


class RoleCannotStart(RoleFailed):
    """A role could not open what it works on."""

    def __init__(self, name: str, trouble: str) -> None:
        super().__init__(f"the role {name} could not start: {trouble}")
