using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// Every event of the operational log. The ids are stable over versions: 1xxx start and end, 2xxx the limits of the machine, 3xxx names,
/// 4xxx trouble while it runs, 5xxx the upstreams' health, 6xxx the administrative interface and operators, 7xxx who listened before and
/// who follows. Any thread but a loop.
/// </summary>
internal static partial class Events
{
    [LoggerMessage(1000, LogLevel.Information, "fasttcpproxy {Version} starts, process {ProcessId}, {Threads}")]
    public static partial void Starting(ILogger log, string version, int processId, string threads);

    [LoggerMessage(1001, LogLevel.Information, "service {Service} listens on {Address}")]
    public static partial void Listening(ILogger log, string service, string address);

    [LoggerMessage(1002, LogLevel.Information, "ready: {Services}, {Listeners}, after {Milliseconds} ms")]
    public static partial void Ready(ILogger log, string services, string listeners, long milliseconds);

    [LoggerMessage(1003, LogLevel.Information, "{Signal}: no longer listening, {Sessions} may continue for {Seconds} s")]
    public static partial void Draining(ILogger log, string signal, string sessions, double seconds);

    [LoggerMessage(1004, LogLevel.Information, "{Signal} again: exiting at once, resetting {Sessions}")]
    public static partial void Forced(ILogger log, string signal, string sessions);

    [Advice("Give engine.drainTimeout a longer time, if these sessions may take it, and the service manager a longer one still.")]
    [LoggerMessage(1005, LogLevel.Warning, "the drain timeout has expired: resetting {Sessions}")]
    public static partial void DrainTimedOut(ILogger log, string sessions);

    [LoggerMessage(1006, LogLevel.Information, "ended: {Accepted}, {Joined} proxied, {AllFailed} without an upstream, {Refused} refused")]
    public static partial void Ended(ILogger log, string accepted, long joined, long allFailed, long refused);

    [Advice("Mend what the text names. `fasttcpproxy check --machine` finds it, and what else is in the way.")]
    [LoggerMessage(1008, LogLevel.Error, "cannot start: {Error}")]
    public static partial void CannotListen(ILogger log, string error);

    [LoggerMessage(2000, LogLevel.Information,
        "descriptors: at most {Limit}, enough for {Sessions}; {Reserved} are reserved for other purposes: {Parts}")]
    public static partial void Descriptors(ILogger log, long limit, string sessions, int reserved, string parts);

    [Advice("Do as the text says, or lower engine.maxSessions. Until then further clients wait in the accept queue.")]
    [LoggerMessage(2001, LogLevel.Warning,
        "descriptors: the hard limit {Hard} allows {Possible}, engine.maxSessions is {Wanted}: "
        + "raise the hard limit (LimitNOFILE, ulimit -Hn) to {Needed}")]
    public static partial void TooFewDescriptors(ILogger log, long hard, string possible, int wanted, long needed);

    [LoggerMessage(2002, LogLevel.Information, "buffers: sessions may hold at most {MiB} MiB of data")]
    public static partial void Buffers(ILogger log, long mib);

    [Advice("Do as the text says. Otherwise clients of a burst wait a second or more, for their SYN to be sent again.")]
    [LoggerMessage(2003, LogLevel.Warning,
        "the accept queue holds {Somaxconn} connections at most, less than {Wanted}: raise net.core.somaxconn if clients arrive in bursts")]
    public static partial void ShortAcceptQueue(ILogger log, int somaxconn, int wanted);

    [Advice("Nothing while few sessions move data at once. Otherwise give the program more memory, or lower engine.maxSessions.")]
    [LoggerMessage(2004, LogLevel.Warning,
        "memory: {Wanted} (engine.maxSessions) may need more than the {MiB} MiB of buffers; "
        + "sessions wait for a buffer when more than {Possible} move data at once")]
    public static partial void TooLittleMemory(ILogger log, string wanted, long mib, long possible);

    [LoggerMessage(3000, LogLevel.Information, "{Name} resolves to {Addresses}")]
    public static partial void Resolved(ILogger log, string name, string addresses);

    [Advice("Ask with `getent ahosts` on this machine. Correct the name in the configuration, or the resolver.")]
    [LoggerMessage(3001, LogLevel.Warning, "{Name} does not resolve ({Error}): its upstreams are skipped until it does")]
    public static partial void Unresolved(ILogger log, string name, string error);

    [Advice("Mend the resolver. Clients notice nothing until an address changes.")]
    [LoggerMessage(3002, LogLevel.Warning, "{Name} no longer resolves ({Error}): still using {Addresses}")]
    public static partial void KeptAddresses(ILogger log, string name, string error, string addresses);

    [Advice("Nothing, if these addresses are enough. Otherwise name further ones as upstreams of their own.")]
    [LoggerMessage(3003, LogLevel.Warning, "{Name} has {Found} addresses: only the first {Used} are used")]
    public static partial void TooManyAddresses(ILogger log, string name, int found, int used);

    [Advice("Raise the descriptor limit or the memory, or lower engine.maxSessions. `fasttcpproxy doctor` says which. Clients wait "
        + "in the accept queue meanwhile.")]
    [LoggerMessage(4000, LogLevel.Warning, "listeners stopped accepting {Times} in the last second: {Causes}")]
    public static partial void AcceptPaused(ILogger log, string times, string causes);

    [Advice("Nothing, if it is rare: each concerns one connection only. Otherwise see the log of the kernel.")]
    [LoggerMessage(4001, LogLevel.Warning, "{Accepts} failed in the last second")]
    public static partial void AcceptErrors(ILogger log, string accepts);

    [Advice("Clients of this address are refused. If the text names no attempt to open it again, start the program again.")]
    [LoggerMessage(4002, LogLevel.Error, "listener {Address} of loop {Loop} is lost: {Error}; {Follows}")]
    public static partial void ListenerLost(ILogger log, string address, int loop, string error, string follows);

    [LoggerMessage(4009, LogLevel.Information, "listener {Address} of loop {Loop} is open again")]
    public static partial void ListenerBack(ILogger log, string address, int loop);

    [Advice("Do as the text says. Clients do not find this address meanwhile.")]
    [LoggerMessage(4012, LogLevel.Error, "listener {Address}: {Why}")]
    public static partial void ListenerNotFound(ILogger log, string address, string why);

    [LoggerMessage(4013, LogLevel.Information, "listener {Address}: clients can find it again, or it was removed")]
    public static partial void ListenerFound(ILogger log, string address);

    [Advice("Look at what reads the session log, and its disk. Traffic continues.")]
    [LoggerMessage(4003, LogLevel.Warning,
        "session log: dropped {Records} in the last second: the reader of {Target} does not keep up")]
    public static partial void RecordsDropped(ILogger log, string records, string target);

    [Advice("Look at the disk, the pipe or the server that the text names. Traffic continues.")]
    [LoggerMessage(4004, LogLevel.Warning, "session log: lost {Records} in the last second: {Target} failed ({Error})")]
    public static partial void RecordsLost(ILogger log, string records, string target, string error);

    [Advice("Sessions are slower meanwhile. Give the program more memory, or limit sessions (maxSessions).")]
    [LoggerMessage(4005, LogLevel.Warning,
        "sessions had to wait {Times} for a buffer in the last second: the limit for buffers is reached")]
    public static partial void BufferWaits(ILogger log, string times);

    [Advice("Do as the text says. The clients concerned were reset; `fasttcpproxy sessions list` shows the others.")]
    [LoggerMessage(4011, LogLevel.Warning,
        "reset {Sessions} in the last second because slow peers held buffers that others needed (proxy.relay.noBuffer in the session log): "
        + "give the program more memory, or limit sessions (maxSessions)")]
    public static partial void BufferResets(ILogger log, string sessions);

    [Advice("Report it with this text. One session was reset, and the others continue.")]
    [LoggerMessage(4006, LogLevel.Error, "contained {Defects} in the last second, please report; the last, in loop {Loop}")]
    public static partial void Faults(ILogger log, string defects, int loop, Exception? exception);

    [Advice("Nothing can be done for these records. Look at what should have read them.")]
    [LoggerMessage(4007, LogLevel.Warning, "the last records of sessions were not written: {Target} was not read")]
    public static partial void LogUnfinished(ILogger log, string target);

    [Advice("Report it with this text.")]
    [LoggerMessage(4008, LogLevel.Error, "{Work}: contained {Defects} in the last second, and the work continues; please report; the last")]
    public static partial void BackgroundFaults(ILogger log, string work, string defects, Exception? exception);

    [LoggerMessage(5000, LogLevel.Information, "service {Service}: upstream {Upstream} is up: {Check}")]
    public static partial void UpstreamUp(ILogger log, string service, string upstream, string check);

    [Advice("Look at the upstream for the reason that the text gives. New clients get the next one that is up, without delay. "
        + "`fasttcpproxy explain --service NAME --from ADDRESS` shows what they get.")]
    [LoggerMessage(5001, LogLevel.Warning, "service {Service}: upstream {Upstream} is down: {Check}")]
    public static partial void UpstreamDown(ILogger log, string service, string upstream, string check);

    [LoggerMessage(5002, LogLevel.Information, "service {Service}: upstream {Upstream} is still down, now: {Check}")]
    public static partial void UpstreamStillDown(ILogger log, string service, string upstream, string check);

    [Advice("Find out why it comes and goes: load, network, or a check that is too strict (timeout, probes). `fasttcpproxy upstream "
        + "disable` keeps clients away from it meanwhile.")]
    [LoggerMessage(5003, LogLevel.Warning, "service {Service}: upstream {Upstream} flaps: {Count} changes within {Intervals} intervals")]
    public static partial void UpstreamFlaps(ILogger log, string service, string upstream, int count, int intervals);

    [LoggerMessage(5004, LogLevel.Information, "service {Service}: upstream {Upstream} no longer flaps; it is {State}")]
    public static partial void UpstreamSettled(ILogger log, string service, string upstream, string state);

    [Advice("Nothing is said of the upstream. Mend what this machine lacks (descriptors, ports, memory); `fasttcpproxy doctor` says what.")]
    [LoggerMessage(5007, LogLevel.Warning,
        "service {Service}: upstream {Upstream} could not be checked, it stays {State}: {Check} ({Dropped} more since the last line)")]
    public static partial void CheckNotMade(ILogger log, string service, string upstream, string state, string check, long dropped);

    [Advice("Compare the mode of the service with what the upstream expects. `fasttcpproxy doctor` tries both.")]
    [LoggerMessage(5008, LogLevel.Warning, "service {Service}: upstream {Upstream} may not expect a PROXY header: {What}")]
    public static partial void HeaderUnwanted(ILogger log, string service, string upstream, string what);

    [Advice("Compare the mode of the service with what the upstream expects. `fasttcpproxy doctor` tries both.")]
    [LoggerMessage(5009, LogLevel.Warning, "service {Service}: upstream {Upstream} may expect a PROXY header: {What}")]
    public static partial void HeaderMissing(ILogger log, string service, string upstream, string what);

    [Advice("Clients get the next upstream, and one in a while tries this one. Look at its network and its load; "
        + "`fasttcpproxy explain --service NAME --from ADDRESS` says when it is tried next.")]
    [LoggerMessage(5010, LogLevel.Warning, "service {Service}: upstream {Upstream}{At} is {What}")]
    public static partial void UpstreamSuspect(ILogger log, string service, string upstream, string at, string what);

    [Advice("Look at the upstream's log: it accepts clients and sends them away. New clients get the next upstream meanwhile. If that is "
        + "how its protocol works, leave `passive` out.")]
    [LoggerMessage(5011, LogLevel.Warning, "service {Service}: upstream {Upstream}{At} is {What}")]
    public static partial void UpstreamEjected(ILogger log, string service, string upstream, string at, string what);

    [LoggerMessage(5012, LogLevel.Information, "service {Service}: upstream {Upstream}{At} is trusted again after {Seconds} s{What}")]
    public static partial void UpstreamTrusted(ILogger log, string service, string upstream, string at, long seconds, string what);

    [Advice("Start an upstream. Until then clients try them all nevertheless, or fail at once where allDown is fail. If the "
        + "upstreams do serve, mend the check, or set its type to none, and reload.")]
    [LoggerMessage(5005, LogLevel.Error, "service {Service}: no upstream is up: {Counts}")]
    public static partial void NoneUp(ILogger log, string service, string counts);

    [LoggerMessage(5006, LogLevel.Information, "service {Service}: an upstream is up again: {Counts}")]
    public static partial void AnyUp(ILogger log, string service, string counts);

    [Advice("Nothing for clients. After a restart all numbers are free again.")]
    [LoggerMessage(4014, LogLevel.Warning,
        "{Names} found no number to be counted by, because too many services and upstreams are, or were; they are counted in sums only")]
    public static partial void NumbersMissing(ILogger log, string names);
}
