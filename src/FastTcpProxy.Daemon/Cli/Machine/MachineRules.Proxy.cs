using static FastTcpProxy.Daemon.Cli.Machine.MachineSeverity;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <content>Of upstreams and the running proxy.</content>
internal static partial class MachineRules
{
    public static MachineRule UpstreamAnswers { get; } = new("M601", "connect to each upstream", Error,
        "an accept in time",
        "Clients that come to its turn try it, unless a health check has taken it out. When all upstreams of a service fail, clients are "
            + "reset.");

    public static MachineRule HeaderTaken { get; } = new("M602", "PROXY header", Error,
        "a server that takes the header of its `mode`",
        "The server takes the header for a part of its own protocol, and every client fails.");

    public static MachineRule CheckPasses { get; } = new("M603", "health check, one probe as configured", Error,
        "a good probe", "The upstream gets no client. When all upstreams of a service are down, `allDown` decides.");

    public static MachineRule ProxyAnswers { get; } = new("M701", "administrative interface of the running proxy", Warning,
        "an answer in time", "Nothing is known of the proxy that serves, if there is one.");

    public static MachineRule ProxyTrouble { get; } = new("M702", "trouble of the running proxy", Error,
        "none: no listener lost, no defect, no limit reached", "See `fasttcpproxy status`.");

    public static MachineRule ProxyReadiness { get; } = new("M703", "what clients get now", Error,
        "ready", "Clients of a service are refused, or tried with upstreams that are all down.");

    public static MachineRule FailedReload { get; } = new("M704", "last reload", Warning,
        "none that failed", "The file and the configuration in force differ: the next start fails or serves something else.");

    public static MachineRule OlderGenerations { get; } = new("M705", "older generations", Warning,
        "none that drains for more than a day", "Each holds memory and descriptors, and its clients keep the old configuration.");

    public static MachineRule LoopLag { get; } = new("M706", "loop lag of the running proxy", Warning,
        "ticks that are at most 100 ms late, 99 of 100",
        "All sessions of the loop wait as long: the machine has no time for it, or too few threads serve too many sessions.");
}
