using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FastTcpProxy.Daemon.Texts;
using static FastTcpProxy.Daemon.Metrics.MetricKind;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// Every metric of the proxy. A name here is a promise to dashboards: it is not changed, only added to. Labels are bounded by the
/// configuration, and never hold a client's address. Immutable, any thread.
/// </summary>
internal static partial class MetricTable
{
    private static readonly LabelText Build = new(
        ("version", ProgramVersion.Text), ("commit", ProgramVersion.Commit), ("runtime", RuntimeInformation.FrameworkDescription));

    private static readonly LabelText Succeeded = new(("result", "succeeded")), Failed = new(("result", "failed")),
        Descriptors = new(("cause", "descriptors")), Memory = new(("cause", "memory")), Sessions = new(("cause", "sessions")),
        Errors = new(("cause", "errors"));

    /// <summary>In the order of the page. Made when it is first needed: a process that is not asked does not make it.</summary>
    public static ImmutableArray<MetricFamily> All => Table.All;

    private static IEnumerable<MetricFamily> OfProcess() =>
    [
        Process("fasttcpproxy_build_info", Gauge, "What was built, and what runs it; the value is always 1.",
            ["version", "commit", "runtime"], static (_, s) => s.Add(LabelText.None, Build, 1)),
        Process("process_start_time_seconds", Gauge, "When the process began, in Unix time.", "proc_pid_stat(5)",
            static (_, s) => s.AddMicroseconds(LabelText.None, LabelText.None, ProcessView.StartUs)),
        Process("process_cpu_seconds_total", Counter, "Processor time of this process alone, in user and system mode.", "getrusage(2)",
            static (p, s) => s.AddMicroseconds(LabelText.None, LabelText.None, p.CpuUs)),
        Process("process_resident_memory_bytes", Gauge, "Memory of the process that is in RAM.", "proc_pid_stat(5)",
            static (p, s) => s.Add(LabelText.None, p.ResidentBytes)),
        Process("process_open_fds", Gauge, "Open descriptors of the process.", "proc_pid_fd(5)",
            static (p, s) => s.Add(LabelText.None, p.DescriptorsOpen)),
        Process("process_max_fds", Gauge, "The most descriptors that the process may have.", "getrlimit(2)",
            static (p, s) => s.Add(LabelText.None, p.DescriptorsMax)),
        Process("fasttcpproxy_descriptors_used", Gauge, "Open descriptors of the process.", "proc_pid_fd(5)",
            static (p, s) => s.Add(LabelText.None, p.DescriptorsOpen)),
        Process("fasttcpproxy_descriptors_limit", Gauge, "The most descriptors that the process may have.", "getrlimit(2)",
            static (p, s) => s.Add(LabelText.None, p.DescriptorsMax)),
        Process("fasttcpproxy_memory_limit_bytes", Gauge, "Memory that the process may use: of its control group, or of the machine.",
            "cgroups(7)", static (p, s) => s.Add(LabelText.None, p.MemoryBytesMax)),
        Process("fasttcpproxy_local_ports_limit", Gauge, "Local ports that connects to one upstream from one source address can use.",
            "ip_local_port_range, ip(7)", static (p, s) =>
            {
                if (p.LocalPortsMax is { } range) s.Add(LabelText.None, range);
            }),
        Process("fasttcpproxy_sessions_process_active", Gauge, "Sessions now, of all services.", "",
            static (p, s) => s.Add(LabelText.None, p.Sessions)),
        Process("fasttcpproxy_sessions_process_limit", Gauge, "The most sessions of all services together (engine.maxSessions).", "",
            static (p, s) => s.Add(LabelText.None, p.SessionsMax)),
        Process("fasttcpproxy_accept_pauses_total", Counter,
            "How often a listener stopped accepting for a while: no descriptor, no memory of the kernel, as many sessions as descriptors "
            + "allow, or many failed accepts in a row.", ["cause"], static (p, s) =>
            {
                s.Add(LabelText.None, Descriptors, p.Loops.PausesDescriptors);
                s.Add(LabelText.None, Memory, p.Loops.PausesMemory);
                s.Add(LabelText.None, Sessions, p.Loops.PausesSessions);
                s.Add(LabelText.None, Errors, p.Loops.PausesErrors);
            }),
        Process("fasttcpproxy_accept_errors_total", Counter, "Accepts that failed for one connection only.", "accept(2)",
            static (p, s) => s.Add(LabelText.None, p.Loops.AcceptErrors)),
        Process("fasttcpproxy_listeners_lost_total", Counter, "Listening sockets that failed for good.", "",
            static (p, s) => s.Add(LabelText.None, p.Loops.ListenersLost)),
        Process("fasttcpproxy_log_records_lost_total", Counter, "Records of sessions that could not be written to the session log.", "",
            static (p, s) => s.Add(LabelText.None, p.Loops.RecordsLost)),
        Process("fasttcpproxy_faults_total", Counter, "Defects of the program that were contained; please report them.", "",
            static (p, s) => s.Add(LabelText.None, p.Loops.Faults)),
        .. OfBuffers(), .. OfGuards(), .. OfChanges(),
    ];

    private static IEnumerable<MetricFamily> OfBuffers() =>
    [
        Process("fasttcpproxy_buffer_bytes", Gauge, "Bytes that buffers take now.", "",
            static (p, s) => s.Add(LabelText.None, p.Loops.BufferBytes)),
        Process("fasttcpproxy_buffer_bytes_limit", Gauge, "The most bytes that buffers may take.", "",
            static (p, s) => s.Add(LabelText.None, p.BufferBytesMax)),
        Process("fasttcpproxy_buffer_waits_total", Counter, "How often a session waited for a buffer, at the limit.", "",
            static (p, s) => s.Add(LabelText.None, p.Loops.BufferWaits)),
        Process("fasttcpproxy_buffer_resets_total", Counter, "Sessions that were reset because others needed their buffers.", "",
            static (p, s) => s.Add(LabelText.None, p.Loops.BufferResets)),
        Process("fasttcpproxy_slabs", Gauge, "Slabs that buffers are cut from.", "", static (p, s) => s.Add(LabelText.None, p.Loops.Slabs)),
        Process("fasttcpproxy_pipes_free", Gauge, "Pipes for splicing that wait for their next use.", "splice(2)",
            static (p, s) => s.Add(LabelText.None, p.Loops.PipesFree)),
        Process("fasttcpproxy_recycled_sockets", Gauge, "Sockets of closed upstream connections that are kept to connect again.", "",
            static (p, s) => s.Add(LabelText.None, p.Loops.SocketsRecycled)),
        Process("fasttcpproxy_timers", Gauge, "Timers that wait.", "", static (p, s) => s.Add(LabelText.None, p.Loops.Timers)),
        Process("fasttcpproxy_spliced_bytes_total", Counter, "Payload bytes that the kernel moved without a copy.", "splice(2)",
            static (p, s) => s.Add(LabelText.None, p.Loops.BytesSpliced)),
    ];

    private static IEnumerable<MetricFamily> OfChanges() =>
    [
        Process("fasttcpproxy_reloads_total", Counter, "Reloads of the configuration, those before a take-over too.", ["result"],
            static (p, s) =>
            {
                s.Add(LabelText.None, Succeeded, p.Loops.ReloadsSucceeded);
                s.Add(LabelText.None, Failed, p.Loops.ReloadsFailed);
            }),
        Process("fasttcpproxy_reload_last_success_timestamp_seconds", Gauge,
            "When the configuration in force was put there, in Unix time.", "",
            static (p, s) => s.AddMicroseconds(LabelText.None, LabelText.None, ProcessView.ToUs(p.Reloads.LastSuccess))),
        Process("fasttcpproxy_reload_last_duration_seconds", Gauge,
            "How long the last successful reload took; absent before the first.", "",
            static (p, s) => AddDuration(s, p.Reloads.LastDuration)),
        Process("fasttcpproxy_takeovers_total", Counter,
            "Take-overs, those before this process too; failed are those after which the older process continued.", ["result"],
            static (p, s) =>
            {
                s.Add(LabelText.None, Succeeded, p.Loops.TakeOversSucceeded);
                s.Add(LabelText.None, Failed, p.Loops.TakeOversFailed);
            }),
        Process("fasttcpproxy_takeover_last_duration_seconds", Gauge,
            "How long this process took to take over, from its start; absent when it has not.", "",
            static (p, s) => AddDuration(s, p.TakeOverDuration)),
        Process("fasttcpproxy_generations", Gauge, "Older processes that have handed over their listeners and still drain.", "",
            static (p, s) => s.Add(LabelText.None, p.Generations)),
        Process("fasttcpproxy_generation_oldest_start_time_seconds", Gauge,
            "When the oldest of them began, in Unix time; absent without any.", "", static (p, s) =>
            {
                if (p.OldestGenerationStart is { } start) s.AddMicroseconds(LabelText.None, LabelText.None, ProcessView.ToUs(start));
            }),
    ];

    private static IEnumerable<MetricFamily> OfLoops() =>
    [
        Loop("fasttcpproxy_loop_lag_seconds", Histogram, "How late the ticks of a loop were, of this process alone; one is due each 20 ms.",
            static (l, s) => s.Add(l.Labels, in l.Counts.Lag)),
        Loop("fasttcpproxy_loop_busy_seconds_total", Counter, 
            "How long a thread was inside a loop, of this process alone; an estimate from one look each tick.",
            static (l, s) => s.AddMicroseconds(l.Labels, LabelText.None, l.Counts.BusyUs)),
    ];

    private static void AddDuration(ISampleSink sink, TimeSpan? duration)
    {
        if (duration is { } known) sink.AddMicroseconds(LabelText.None, LabelText.None, (long)known.TotalMicroseconds);
    }

    private static MetricFamily<ProcessView> Process(string name, MetricKind kind, string help, ImmutableArray<string> labels,
        Action<ProcessView, ISampleSink> write) => new(name, kind, help, labels, static v => v.Process, write);

    private static MetricFamily<ProcessView> Process(string name, MetricKind kind, string help, string source,
        Action<ProcessView, ISampleSink> write) =>
        new(name, kind, help, [], static v => v.Process, write) { Source = source };

    private static MetricFamily<LoopView> Loop(string name, MetricKind kind, string help, Action<LoopView, ISampleSink> write) =>
        new(name, kind, help, ["loop"], static v => v.Loops, write);

    /// <summary>Of its own, because the order in which the parts of a class initialise their fields is not defined.</summary>
    private static class Table
    {
        public static readonly ImmutableArray<MetricFamily> All = [.. OfProcess(), .. OfLoops(), .. OfServices(), .. OfUpstreams()];
    }
}
