//! How many files, and so connections, the system lets the program have open.

/// Asks the system for so many open files. Gives the number that it lets the program have where that is less.
#[cfg(unix)]
pub fn ask_for(wanted: u64) -> Result<(), u64> {
    match rlimit::increase_nofile_limit(wanted) {
        Ok(given) if given < wanted => Err(given),
        // Where the limit cannot be asked for, running into it is told by the listener.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Where sockets are no files, there is nothing to ask for.
#[cfg(not(unix))]
pub fn ask_for(_: u64) -> Result<(), u64> {
    Ok(())
}
