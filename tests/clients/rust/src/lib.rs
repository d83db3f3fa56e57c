//! Empty: Cargo requires a target besides the tests.
