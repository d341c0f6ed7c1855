using System.Collections.Immutable;
using static FastTcpProxy.Daemon.Cli.Machine.MachineSeverity;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>
/// The table of all that is looked at, from which the documents are made. M0xx are errors of a start, M1xx what <c>check --machine</c>
/// warns of, M2xx its notes; the others are of <c>doctor</c> alone: M3xx the kernel's network, M4xx the process and its limits, M5xx the
/// machine, M6xx upstreams, M7xx the running proxy. Constants.
/// </summary>
internal static partial class MachineRules
{
    /// <summary>All rules in the order of the documents, by chapter.</summary>
    public static ImmutableArray<(string Chapter, ImmutableArray<MachineRule> Rules)> Chapters =>
    [
        ("What a start needs (`check --machine` too)",
        [
            CannotListen, NoAdmin, NoState, TooFewDescriptors, NotInGroup, NoLog, NameDoesNotResolve, FewDescriptors, FewLocalPorts,
            ShortAcceptQueue, NoIpv6, NoSourceAddress, CertificateOutOfTime, NoSyslog, HeldByTheProxy, CheckedAs,
        ]),
        ("The kernel's network",
        [
            SynBacklog, SynCookies, UnreservedPorts, TimeWaitReuse, TimeWaitBuckets, ConntrackTable, ConntrackBuckets, TcpMemory,
            SocketBuffers, QueueOverflows,
        ]),
        ("The process, its limits and its unit",
        [
            MemoryLimit, TaskLimit, CpuLimit, Overcommit, Swap, LowPorts, UnitDescriptors, UnitStopTime,
        ]),
        ("The machine",
        [
            HugePages, Governor, Interrupts, PacketSteering, ClockSynchronised, ClockPlausible, KernelVersion, KernelFeature,
        ]),
        ("Upstreams", [UpstreamAnswers, HeaderTaken, CheckPasses]),
        ("The running proxy", [ProxyAnswers, ProxyTrouble, ProxyReadiness, FailedReload, OlderGenerations, LoopLag]),
    ];

    public static MachineRule CannotListen { get; } = new("M001", "address of a service", Error,
        "an address of this machine that no other process listens on", "`run` would end at once.");

    public static MachineRule NoAdmin { get; } = new("M002", "address and certificate of the administrative interface", Error,
        "an address and files that this user can have", "`run` would end at once.");

    public static MachineRule NoState { get; } = new("M003", "state directory", Error,
        "a directory that this user may write, and no other proxy holds",
        "`run` would end at once, or serve without the overrides of operators where it may not read the files in it.");

    public static MachineRule TooFewDescriptors { get; } = new("M004", "descriptors for a start", Error,
        "enough for threads, listeners and what is reserved beside sessions", "`run` would end at once.");

    public static MachineRule NotInGroup { get; } = new("M005", "group of a socket's file", Error,
        "a group that this user is a member of", "`run` would end at once.");

    public static MachineRule NoLog { get; } = new("M040", "file of the session log", Error,
        "a file that this user may write, in a directory that exists", "`run` would end at once.");

    public static MachineRule NameDoesNotResolve { get; } = new("M101", "DNS names", Warning,
        "an address for each name", "The proxy starts without it, and clients get the next upstream.");

    public static MachineRule FewDescriptors { get; } = new("M102", "descriptors for sessions", Warning,
        "two for each session of `engine.maxSessions`, and the reserve", "Clients beyond that wait until others leave.");

    public static MachineRule FewLocalPorts { get; } = new("M103", "local ports", Warning,
        "one for each session to one upstream address, for each of `sourceAddresses`",
        "Connects beyond that fail (`noLocalPort`), and clients get the next upstream or a reset.");

    public static MachineRule ShortAcceptQueue { get; } = new("M104", "accept queue (net.core.somaxconn)", Warning,
        "at least 4096", "In a burst the kernel drops handshakes, and clients try again after 1, 3, 7 s.");

    public static MachineRule NoIpv6 { get; } = new("M105", "IPv6", Warning,
        "on, where a service listens on an IPv6 address", "No IPv6 client comes.");

    public static MachineRule NoSourceAddress { get; } = new("M106", "`sourceAddresses`", Warning,
        "addresses of an interface of this machine", "Every connect from that address fails.");

    public static MachineRule CertificateOutOfTime { get; } = new("M107", "certificate of the administrative interface", Warning,
        "one that is valid now", "Clients over TCP refuse it.");

    public static MachineRule NoSyslog { get; } = new("M140", "syslog sockets of the logs", Warning,
        "a socket that a syslog server listens on", "Lines wait for it; those beyond a limit are dropped and counted.");

    public static MachineRule HeldByTheProxy { get; } = new("M201", "what the running proxy has", Note,
        "nothing to be done", "A reload keeps it, and `run --take-over` hands it over.");

    public static MachineRule CheckedAs { get; } = new("M202", "user of the check", Note,
        "the user that runs the proxy", "Root may use every file and port, so the check finds less.");
}
