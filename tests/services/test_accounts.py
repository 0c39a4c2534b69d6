"""How passwords are kept."""

from tests.conftest import PASSWORD, SHIPPED_HASHER


def test_passwords_are_hashed_at_a_price():
    """OWASP's floor for argon2id: 19 MiB, two passes. The tests' own hasher is lighter."""
    assert SHIPPED_HASHER.memory_cost >= 19 * 1024
    assert SHIPPED_HASHER.time_cost >= 2
    assert SHIPPED_HASHER.hash(PASSWORD).startswith("$argon2id$")
