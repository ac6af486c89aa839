//! CPU seconds and memory of a process, as Linux counts them.

/// CPU seconds (user and system) of all threads of this process so far.
pub(crate) fn cpu() -> f64 {
    cpu_of("self")
}

/// CPU seconds of a process, named by its number.
pub(crate) fn cpu_of(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // the name in brackets may hold blanks
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    // utime and stime are fields 14 and 15 of proc(5); Linux counts 100 ticks a second
    (ticks(11) + ticks(12)) / 100.0
}

/// Highest resident memory of this process so far, in megabytes.
pub(crate) fn peak_mb() -> f64 {
    memory_mb("self", "VmHWM:")
}

/// A line of `/proc/PROCESS/status`, in megabytes.
pub(crate) fn memory_mb(process: &str, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let kilobytes = status.lines().find_map(|l| l.strip_prefix(line)).unwrap_or("0");
    kilobytes
        .trim()
        .split(' ')
        .next()
        .and_then(|n| n.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1_024.0
}
