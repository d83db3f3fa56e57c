//! Standard error from a thread of its own, so that a reader that stalls holds up no answer.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Takes whole lines and writes them when it can. **It never waits for the reader**: what there is no room for is counted
/// and lost.
#[derive(Clone, Default)]
pub struct LogWriter(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something came in, or all of it went out.
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Whole lines.
    lines: Vec<u8>,
    /// How many lines were lost behind the last of them.
    lost: u64,
    /// Whether some that left the queue are not written yet.
    writing: bool,
}

impl LogWriter {
    /// Starts the thread. `tell_lost` writes a line to standard error itself: so many lines before it are missing.
    pub fn start(&self, tell_lost: impl Fn(u64) + Send + 'static) -> io::Result<()> {
        let shared = self.0.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || shared.write(tell_lost)).map(drop)
    }

    /// Waits until all is written, or for so long.
    pub fn flush(&self, patience: Duration) {
        let waiting = |queue: &mut Queue| queue.writing || !queue.is_empty();
        let queue = self.0.queue();
        drop(self.0.changed.wait_timeout_while(queue, patience, waiting));
    }
}

impl Shared {
    fn write(&self, tell_lost: impl Fn(u64)) {
        let mut lines = Vec::new();
        loop {
            let lost = self.take(&mut lines);
            // Nobody may be reading, and there is nowhere to complain of it.
            let _ = io::stderr().write_all(&lines);
            if lost > 0 {
                tell_lost(lost);
            }
            // A burst is no reason to keep its memory.
            lines.clear();
            lines.shrink_to(KEPT_BYTES);
        }
    }

    /// Waits for lines and exchanges them for the empty buffer. Gives the number of those that were lost behind them.
    fn take(&self, empty: &mut Vec<u8>) -> u64 {
        let mut queue = self.queue();
        queue.writing = false;
        self.changed.notify_all();
        while queue.is_empty() {
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.writing = true;
        mem::swap(&mut queue.lines, empty);
        mem::take(&mut queue.lost)
    }

    /// Held for as long as it takes to copy a line.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing panics while holding it.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.lost == 0
    }
}

impl Write for &LogWriter {
    /// A line, which is what the log formats at a time.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut queue = self.0.queue();
        let idle = queue.is_empty() && !queue.writing;
        // Behind a lost line all are lost until there is room, so that the number stands where the lines are missing.
        if queue.lost == 0 && queue.lines.len() + line.len() <= QUEUE_BYTES {
            queue.lines.extend_from_slice(line);
        } else {
            queue.lost += 1;
        }
        drop(queue);
        if idle {
            self.0.changed.notify_all();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = &'a LogWriter;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// Some thousands of lines.
const QUEUE_BYTES: usize = 1024 * 1024;
const KEPT_BYTES: usize = 64 * 1024;
