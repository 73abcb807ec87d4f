from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "kerege.casework.vault"

    def ready(self) -> None:
        from kerege.casework.vault import services  # noqa: F401  registers key rotation and reindexing
