//! A file in memory that another program may shorten without killing this one.
//!
//! Reading past the new end of a mapped file that was shortened raises a signal (SIGBUS), of which a program dies with
//! its terminal as it was then. Here the signal is answered by mapping zeros over what is gone, and the mapping is known
//! to be cut from then on. Signals of any other place go where they went before. This is the one module with unsafe
//! code. Deliberately absent: writing.

#![expect(
    unsafe_code,
    reason = "there is no safe way to map a file that others may write, nor to answer a signal where it is raised"
)]

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::ptr::from_ref;
use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use libc::c_int;
use libc::c_void;
use libc::siginfo_t;
use memmap2::Mmap;
use memmap2::MmapOptions;

/// How many files can be mapped at a time.
const MOST: usize = 1024;

/// Where the mapped files are in memory. The handler of a signal may neither lock nor allocate, so it looks here.
static WATCHES: [Watch; MOST] = [const { Watch::new() }; MOST];

/// What the signal did before, once it is handled here.
static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// A file in memory, to be read. See the module.
pub(super) struct Mapped {
    map: Mmap,
    file: File,
    watch: &'static Watch,
}

impl Mapped {
    /// Maps a whole file. Fails if the file's system does not do that, or if too many are mapped.
    pub(super) fn new(file: File) -> io::Result<Self> {
        handle_bus_errors()?;
        let watch = Watch::take().ok_or_else(|| io::Error::other("too many files are mapped"))?;
        // SAFETY: the mapping is private and never written by us. If another program changes the file meanwhile, the
        // bytes change under us: nothing keeps a conclusion about them that memory safety rests on (text is checked and
        // copied where it is shown, every index is checked). If another program shortens it, they become zeros.
        let map = match unsafe { MmapOptions::new().map_copy_read_only(&file) } {
            Ok(map) => map,
            Err(error) => {
                watch.give_back();
                return Err(error);
            }
        };
        watch.set(&map);
        Ok(Self { map, file, watch })
    }

    /// Whether nothing was cut off the file since it was mapped. A file whose length cannot be asked for counts as cut.
    pub(super) fn is_whole(&self) -> bool {
        let has_all = |length: u64| length >= self.map.len() as u64;
        !self.watch.cut.load(SeqCst) && self.file.metadata().is_ok_and(|facts| has_all(facts.len()))
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.map
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        self.watch.give_back();
    }
}

/// Where one mapping is in memory.
struct Watch {
    taken: AtomicBool,
    /// Odd while the place is being changed; another one after each change.
    version: AtomicUsize,
    start: AtomicUsize,
    end: AtomicUsize,
    /// Whether something of it was read that is no longer in the file.
    cut: AtomicBool,
}

impl Watch {
    const fn new() -> Self {
        Self {
            taken: AtomicBool::new(false),
            version: AtomicUsize::new(0),
            start: AtomicUsize::new(0),
            end: AtomicUsize::new(0),
            cut: AtomicBool::new(false),
        }
    }

    /// One that nobody has.
    fn take() -> Option<&'static Self> {
        WATCHES.iter().find(|watch| !watch.taken.swap(true, SeqCst))
    }

    fn set(&self, bytes: &[u8]) {
        self.cut.store(false, SeqCst);
        let range = bytes.as_ptr_range();
        self.place(range.start as usize, range.end as usize);
    }

    fn give_back(&self) {
        self.place(0, 0);
        self.taken.store(false, SeqCst);
    }

    fn place(&self, start: usize, end: usize) {
        self.version.fetch_add(1, SeqCst);
        self.start.store(start, SeqCst);
        self.end.store(end, SeqCst);
        self.version.fetch_add(1, SeqCst);
    }

    /// The end of this mapping if it holds `address`. One that is being changed does not: whoever reads a mapping keeps
    /// it.
    fn end_around(&self, address: usize) -> Option<usize> {
        let version = self.version.load(SeqCst);
        let (start, end) = (self.start.load(SeqCst), self.end.load(SeqCst));
        let is_steady = version.is_multiple_of(2) && version == self.version.load(SeqCst);
        (is_steady && (start..end).contains(&address)).then_some(end)
    }
}

/// Sees to it that reading what was cut off a mapped file is answered by [`on_bus_error`].
fn handle_bus_errors() -> io::Result<()> {
    static DONE: OnceLock<Result<(), i32>> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        let failed = || {
            io::Error::last_os_error()
                .raw_os_error()
                .unwrap_or_default()
        };
        // SAFETY: both structures are plain data of which all bits zero are a value; the handler only does what a
        // handler may: atomic loads and stores and two system calls.
        unsafe {
            let mut before: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(libc::SIGBUS, null_mut(), &raw mut before) != 0 {
                return Err(failed());
            }
            // Known before it is needed.
            BEFORE.get_or_init(|| before);
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_bus_error as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            if libc::sigaction(libc::SIGBUS, &raw const action, null_mut()) != 0 {
                return Err(failed());
            }
        }
        Ok(())
    });
    done.map_err(io::Error::from_raw_os_error)
}

/// Maps zeros over the rest of a mapped file, from the page that could not be read on, and returns to what wanted to read
/// it. At any other place the signal is left to what it did before, which is what it does when it is raised again.
extern "C" fn on_bus_error(signal: c_int, info: *mut siginfo_t, _context: *mut c_void) {
    // SAFETY: the system calls this with information about the signal. What is mapped over is part of a mapping that is
    // alive, because somebody is reading it, and of which the file has nothing more to give; nothing writes to it.
    unsafe {
        let address = (*info).si_addr() as usize;
        let found = WATCHES
            .iter()
            .find_map(|watch| Some((watch, watch.end_around(address)?)));
        if let Some((watch, end)) = found {
            let page = address & !(rustix::param::page_size() - 1);
            let flags = libc::MAP_FIXED | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let length = end - page;
            let zeros = libc::mmap(page as *mut c_void, length, libc::PROT_READ, flags, -1, 0);
            if zeros != libc::MAP_FAILED {
                watch.cut.store(true, SeqCst);
                return;
            }
        }
        let before = BEFORE
            .get()
            .map_or(null_mut(), |before| from_ref(before).cast_mut());
        libc::sigaction(signal, before, null_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: usize = 1 << 20;

    fn file() -> File {
        let file = tempfile::tempfile().expect("can be made");
        file.set_len(LENGTH as u64).expect("can grow");
        std::os::unix::fs::FileExt::write_all_at(&file, &vec![b'1'; LENGTH], 0)
            .expect("can be written");
        file
    }

    #[test]
    fn what_is_cut_off_a_mapped_file_is_zeros() {
        let file = file();
        let mapped = Mapped::new(file.try_clone().expect("is a file")).expect("can be mapped");
        let other = Mapped::new(self::file()).expect("can be mapped");
        assert!(mapped.is_whole());
        file.set_len(10).expect("can shrink");
        assert!(mapped[..10].iter().all(|byte| *byte == b'1'));
        assert!(mapped[10..].iter().all(|byte| *byte == 0));
        file.set_len(LENGTH as u64).expect("can grow");
        assert!(
            !mapped.is_whole(),
            "zeros were read, whatever the file has now"
        );
        assert!(other.is_whole() && other.iter().all(|byte| *byte == b'1'));
    }

    #[test]
    fn many_threads_may_read_what_is_cut_meanwhile() {
        for _ in 0..20 {
            let file = file();
            let mapped = Mapped::new(file.try_clone().expect("is a file")).expect("can be mapped");
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| while mapped.iter().all(|byte| *byte == b'1') {});
                }
                file.set_len(4096).expect("can shrink");
            });
            assert!(!mapped.is_whole());
        }
    }

    #[test]
    fn a_watch_is_given_back() {
        for _ in 0..3 * MOST {
            drop(Mapped::new(file()).expect("can be mapped"));
        }
    }
}
