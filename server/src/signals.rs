//! The signals that end the program.

use std::io;
use std::process;
use std::thread;

use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// The first SIGINT or SIGTERM (Windows: Ctrl-C).
pub struct FirstSignal(oneshot::Receiver<()>);

impl FirstSignal {
    /// Catches the signals, which no longer end the program by themselves. The second one ends it at
    /// once: it is caught on a thread of its own, whatever the other threads wait for.
    ///
    /// # Errors
    ///
    /// The system cannot start a thread or catch a signal.
    pub fn catch() -> io::Result<FirstSignal> {
        let runtime = Builder::new_current_thread().enable_io().build()?;
        let mut signals = {
            let _context = runtime.enter();
            Signals::new()?
        };
        let (sender, first) = oneshot::channel();
        let run = async move {
            signals.next().await;
            let _ = sender.send(());
            process::exit(signals.next().await)
        };
        thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(run))?;
        Ok(FirstSignal(first))
    }

    /// Waits for the signal.
    pub async fn wait(self) {
        // The sender is dropped only when the program ends.
        let _ = self.0.await;
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next signal and returns the exit status that a shell reports for it.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Signals> {
        tokio::signal::windows::ctrl_c().map(Signals)
    }

    /// Waits for the next signal and returns the exit status that a shell reports for it.
    async fn next(&mut self) -> i32 {
        self.0.recv().await;
        130
    }
}
