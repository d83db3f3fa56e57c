//! Writes to standard error on its own thread, so that a stalled reader delays no response.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// A queue of log lines. **It never waits for the reader**: lines that do not fit into the queue
/// are counted and dropped.
#[derive(Clone, Default)]
pub struct LogWriter(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Notified when a line is queued and when the queue is written.
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Complete lines.
    lines: Vec<u8>,
    /// The number of lines lost after the last of `lines`.
    lost: u64,
    /// Whether the thread is writing lines that it has taken from the queue.
    writing: bool,
}

impl LogWriter {
    /// Starts the thread. It calls `report_lost` with the number of lost lines, at the position
    /// where they are missing; `report_lost` must write to standard error directly.
    pub fn start(&self, report_lost: impl Fn(u64) + Send + 'static) -> io::Result<()> {
        let shared = self.0.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || shared.run(report_lost)).map(drop)
    }

    /// Waits until all lines are written, at most `timeout`.
    pub fn flush(&self, timeout: Duration) {
        let is_pending = |queue: &mut Queue| queue.writing || !queue.is_empty();
        let queue = self.0.queue();
        drop(self.0.changed.wait_timeout_while(queue, timeout, is_pending));
    }
}

impl Shared {
    fn run(&self, report_lost: impl Fn(u64)) {
        let mut lines = Vec::new();
        loop {
            let lost = self.take(&mut lines);
            // If standard error has no reader, there is nowhere to report that.
            let _ = io::stderr().write_all(&lines);
            if lost > 0 {
                report_lost(lost);
            }
            // Frees the memory of a burst.
            lines.clear();
            lines.shrink_to(KEPT_BYTES);
        }
    }

    /// Waits for lines and swaps them with the empty buffer. Returns the number of lines lost after
    /// them.
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

    /// Locks the queue. Nothing panics while it is locked.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.lost == 0
    }
}

impl Write for &LogWriter {
    /// Queues a line; the log formats one line per call.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut queue = self.0.queue();
        let is_idle = queue.is_empty() && !queue.writing;
        // After a lost line, all lines are lost until the queue is empty, so that the count stands
        // where the lines are missing.
        if queue.lost == 0 && queue.lines.len() + line.len() <= QUEUE_BYTES {
            queue.lines.extend_from_slice(line);
        } else {
            queue.lost += 1;
        }
        drop(queue);
        if is_idle {
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
