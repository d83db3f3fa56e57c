//! Writes lines to a stream on its own thread, so that a stalled reader delays nothing.

use std::borrow::Cow;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// A queue of lines. **It never waits for the reader**: lines that do not fit into the queue are
/// counted and dropped.
#[derive(Clone)]
pub struct LineQueue {
    shared: Arc<Shared>,
    /// Escapes the hidden characters of a line.
    escape: Escape,
}

/// A function of [`escape`](crate::escape).
pub type Escape = fn(&str) -> Cow<'_, str>;

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

impl LineQueue {
    pub fn new(escape: Escape) -> LineQueue {
        LineQueue { shared: Arc::default(), escape }
    }

    /// Starts the thread. It calls `report_lost` with the number of lost lines, at the position
    /// where they are missing; `report_lost` must write to the stream directly.
    pub fn start(
        &self,
        name: &str,
        stream: impl Write + Send + 'static,
        report_lost: impl Fn(u64) + Send + 'static,
    ) -> io::Result<()> {
        let shared = self.shared.clone();
        thread::Builder::new().name(name.to_owned()).spawn(move || shared.run(stream, report_lost)).map(drop)
    }

    /// Waits until all lines are written, at most `timeout`.
    pub fn finish(&self, timeout: Duration) {
        let is_pending = |queue: &mut Queue| queue.writing || !queue.is_empty();
        let queue = self.shared.queue();
        drop(self.shared.changed.wait_timeout_while(queue, timeout, is_pending));
    }
}

impl Shared {
    fn run(&self, mut stream: impl Write, report_lost: impl Fn(u64)) {
        let mut lines = Vec::new();
        loop {
            let lost = self.take(&mut lines);
            // If the stream has no reader, there is nowhere to report that.
            let _ = stream.write_all(&lines).and_then(|()| stream.flush());
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

impl Write for &LineQueue {
    /// Queues a line.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = line.len();
        let text = String::from_utf8_lossy(line);
        let text = (self.escape)(text.strip_suffix('\n').unwrap_or(&text));
        let mut queue = self.shared.queue();
        let is_idle = queue.is_empty() && !queue.writing;
        // After a lost line, all lines are lost until the queue is empty, so that the count stands
        // where the lines are missing.
        if queue.lost == 0 && queue.lines.len() + text.len() < QUEUE_BYTES {
            queue.lines.extend_from_slice(text.as_bytes());
            queue.lines.push(b'\n');
        } else {
            queue.lost += 1;
        }
        drop(queue);
        if is_idle {
            self.shared.changed.notify_all();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LineQueue {
    type Writer = &'a LineQueue;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// Some thousands of lines.
const QUEUE_BYTES: usize = 1024 * 1024;
const KEPT_BYTES: usize = 64 * 1024;
