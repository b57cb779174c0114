from tests.activities.conftest import make  # noqa: F401 - a meeting at 09:10
