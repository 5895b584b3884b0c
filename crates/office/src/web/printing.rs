//! Where documents are set: threads of their own, one a core, so that neither many readers nor slow ones take more. What
//! setting needs is kept while there is something to set, and let go of when there is nothing.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::door::Stop;

type Job = Box<dyn FnOnce() + Send>;

/// How long a printer waits for the next document before it clears its desk.
const REST_AFTER: Duration = Duration::from_secs(1);

static JOBS: Mutex<VecDeque<Job>> = Mutex::new(VecDeque::new());
static CAME: Condvar = Condvar::new();
static BEGUN: Once = Once::new();

fn jobs() -> MutexGuard<'static, VecDeque<Job>> {
    JOBS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes one job after the other.
fn work() {
    let mut is_clear = true;
    loop {
        match next(is_clear) {
            Some(job) => {
                // Who waits for what panics is told so by the silence of the other half.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
                is_clear = false;
            }
            None => {
                press::rest();
                tidy();
                is_clear = true;
            }
        }
    }
}

/// Has the allocator give back what this thread has freed. Without it some 45 MB stay with the process after five
/// certificates.
fn tidy() {
    // The allocator of the program; named here so that it is linked.
    use mimalloc as _;
    unsafe extern "C" {
        fn mi_collect(force: bool);
    }
    // SAFETY: it takes and gives nothing, and may be called at any time from any thread.
    unsafe { mi_collect(true) };
}

/// The next job, or nothing when none came for a while and there is something to clear.
fn next(is_clear: bool) -> Option<Job> {
    let mut waiting = jobs();
    loop {
        if let Some(job) = waiting.pop_front() {
            return Some(job);
        }
        if is_clear {
            waiting = CAME.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        } else {
            let (again, ended) = CAME.wait_timeout(waiting, REST_AFTER).unwrap_or_else(PoisonError::into_inner);
            if ended.timed_out() && again.is_empty() {
                return None;
            }
            waiting = again;
        }
    }
}

/// Has a document set, and waits for it.
pub(super) async fn print<T: Send + 'static>(
    work_of: impl FnOnce() -> Result<T, Stop> + Send + 'static,
) -> Result<T, Stop> {
    BEGUN.call_once(|| {
        for _ in 0..std::thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            std::thread::spawn(work);
        }
    });
    let (tell, told) = oneshot::channel();
    jobs().push_back(Box::new(move || {
        // Who asked may have gone.
        let _ = tell.send(work_of());
    }));
    CAME.notify_one();
    told.await.unwrap_or_else(|error| Err(Stop::fault(error)))
}
