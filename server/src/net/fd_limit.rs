//! The system's limit on open files, which bounds the connections.

/// Raises the limit of this process to `wanted`.
///
/// # Errors
///
/// The limit, if the system permits less.
#[cfg(unix)]
pub fn raise_to(wanted: u64) -> Result<(), u64> {
    match rlimit::increase_nofile_limit(wanted) {
        Ok(limit) if limit < wanted => Err(limit),
        // If the limit cannot be read, the listener logs when it is reached.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Does nothing: on this system, sockets do not count as open files.
#[cfg(not(unix))]
pub fn raise_to(_: u64) -> Result<(), u64> {
    Ok(())
}
