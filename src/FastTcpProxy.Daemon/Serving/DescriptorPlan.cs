using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Resolution;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Sockets;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Engine;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>
/// The allotment of the process's descriptors: the most that each purpose beside sessions may hold, so that sessions leave all of it free.
/// The allotment also limits the purpose: connections of the administrative interface, probes, look-ups. Made at the start. Immutable.
/// </summary>
/// <remarks>The runtime ends the process when it cannot start a thread, which takes two descriptors for a moment. So the last ones must
/// always stay free.</remarks>
internal sealed class DescriptorPlan
{
    /// <summary>A look-up reads files and asks up to three name servers (resolv.conf(5)).</summary>
    private const int PerLookup = 4;

    /// <summary>The runtime opens as many for each thread that it starts, until the thread runs.</summary>
    private const int PerNewThread = 2;

    /// <summary>Threads that may start at once beside those of the pool and of look-ups: logs, take-over, timers.</summary>
    private const int OwnThreads = 4;

    /// <summary>An event set, and a socket that wakes it.</summary>
    private const int PerSocketThread = 2;

    /// <summary>
    /// Libraries that are loaded when they are first needed, and files that are read or written one after the other: configuration, state,
    /// users, certificates.
    /// </summary>
    private const int Files = 24;

    /// <summary>
    /// Waiting for the next process and serving it, with a duplicate of the administrative socket; connections to processes that drain, and
    /// the memories of their counters.
    /// </summary>
    private const int HandingOver = TakeOverServer.DescriptorsMax + 1 + GenerationFinder.DescriptorsMax
        + ProxyEngine.EarlierCountersMax;

    /// <summary>
    /// The collector of metrics: a connection, the next one while the last one closes, and a look-up of its name. Each of the two logs: a
    /// socket or a file, and the next one when a reload changes it. A reload may add any of them.
    /// </summary>
    private const int Telling = 2 + PerLookup + 2 * 2;

    /// <summary>Probes that may be under way although fewer upstreams are checked: a reload may add more.</summary>
    private const int ProbesSpare = 16;

    /// <summary>Second attempts that there may be although no service hedges: a reload may let one.</summary>
    private const int SecondAttemptsSpare = 16;

    /// <summary>However few there are, each loop may have a second attempt and watch one.</summary>
    private const int SecondAttemptsPerLoop = 2;

    /// <summary>
    /// What is open when <c>run</c> makes the plan: standard streams, pipes of signals, and libraries, each of them twice. It was 71, and
    /// differs by the path there; a command that only asks for the plan has opened others. With this as the least all get the same numbers.
    /// The native build loads no libraries: it was 10.
    /// </summary>
    public static readonly int OpenAtStart = RuntimeFeature.IsDynamicCodeSupported ? 84 : 20;

    /// <summary>The minimum with which an elastic purpose works.</summary>
    private const int Least = 4;

    private readonly int _taken, _threads;

    /// <param name="taken">What is open or opened at the start, whatever happens then.</param>
    private DescriptorPlan(ImmutableArray<DescriptorPart> parts, long limit, int taken, int threads, string? fault)
    {
        Parts = parts;
        Fault = fault;
        _taken = taken;
        _threads = threads;
        Sessions = fault is null ? SessionsWith(limit, Reserved) : 0;
    }

    /// <summary>Each purpose, with its allotment.</summary>
    public ImmutableArray<DescriptorPart> Parts { get; }

    /// <summary>Why the configuration does not fit; null: it does.</summary>
    public string? Fault { get; }

    /// <summary>What sessions leave free.</summary>
    public int Reserved => Parts.Sum(p => p.Granted);

    /// <summary>How many sessions the limit allows beside all else; 0 with a <see cref="Fault"/>.</summary>
    public int Sessions { get; }

    /// <summary>The limit with which so many sessions are possible.</summary>
    public long NeededFor(int sessions)
    {
        int wanted = Parts.Sum(p => p.Wanted);
        return _taken + wanted + Recycled(sessions + (sessions / 8)) + ((long)sessions * DescriptorLimit.PerSession);
    }

    /// <summary>Connections on the administrative interface's UNIX socket; one more may just have been accepted.</summary>
    public int AdminConnections => Math.Max(Of(AdminUnix) - 1, 1);

    /// <summary>Connections on its TCP listeners.</summary>
    public int AdminTcpConnections => Math.Max(Of(AdminTcp) - 1, 1);

    public int Probes => Of(Checks);

    /// <summary>Second attempts of sessions, and attempts that are watched.</summary>
    public int SecondAttempts => Of(Rivals);

    public int Lookups => Math.Max(Of(Names) / PerLookup, 1);

    private const string AdminUnix = "administration (UNIX)", AdminTcp = "administration (TCP)", Checks = "health checks",
        Names = "name look-ups", Rivals = "second attempts";

    /// <param name="configuration">What is to be served.</param>
    /// <param name="limit">The process's.</param>
    /// <param name="open">What is open already.</param>
    /// <param name="inherited">How many of these are listening sockets that this process continues with: they count once, as its
    /// listeners.</param>
    public static DescriptorPlan Make(ProxyConfiguration configuration, long limit, int open, int inherited = 0)
    {
        open = Math.Max(open - inherited, OpenAtStart);
        int threads = configuration.Engine.Threads;
        int listeners = configuration.Services.Sum(s => s.Listen.Sum(l => l.Path is null ? threads : 1));
        int checks = configuration.Services.Sum(s => s.Upstreams.Count(u => u.HealthCheck is not null));
        int adminListeners = configuration.Admin?.Listen.Length ?? 0;
        int ofLoops = SecondAttemptsPerLoop * threads;
        bool hasSocket = configuration.Admin?.Socket is not null;
        ImmutableArray<DescriptorPart> parts =
        [
            Fixed("new threads", PerNewThread * (Environment.ProcessorCount + NameResolver.LookupsMax + OwnThreads)),
            Fixed("socket threads", PerSocketThread * threads),
            Fixed("libraries and files", Files),
            Fixed("logs and exports", Telling),
            new DescriptorPart(Names, PerLookup * NameResolver.LookupsMax, PerLookup),
            new DescriptorPart(Checks, Math.Clamp(checks, ProbesSpare, HealthMonitor.ProbesMax), Least),
            new DescriptorPart(Rivals, Math.Max(ofLoops, configuration.Services.Any(s => s.Settings.Hedge is not null)
                ? Engine.Guards.SecondAttempts.DescriptorsMax : SecondAttemptsSpare), Math.Max(ofLoops, Least)),
            new DescriptorPart(AdminUnix, hasSocket ? AdminLimits.ConnectionsMax + 1 : 0, hasSocket ? Least + 1 : 0),
            new DescriptorPart(AdminTcp, adminListeners > 0 ? AdminLimits.TcpConnectionsMax + adminListeners : 0,
                adminListeners > 0 ? Least + adminListeners : 0),
            // The next process is given duplicates of all of them.
            Fixed("take-over", hasSocket ? listeners + HandingOver : 0),
        ];
        int atOnce = ProxyEngine.DescriptorsHeld + threads * SocketRuntime.DescriptorsPerLoop + listeners + adminListeners
            + (hasSocket ? AdminSocket.DescriptorsHeld : 0);
        long room = limit - open - atOnce - DescriptorLimit.PerSession;
        int least = parts.Sum(p => p.Least), wanted = parts.Sum(p => p.Wanted);
        if (room < least)
        {
            return new DescriptorPlan(parts, limit, open + atOnce, threads, $"the process may have {limit} descriptors, "
                + $"expected at least {open + atOnce + DescriptorLimit.PerSession + least}: {open} are open or about to be, "
                + $"{atOnce} are for {Counted.Of(threads, "thread")} "
                + $"and {Counted.Of(listeners + adminListeners, "listener")}, {least} for the "
                + "rest; raise the hard limit (LimitNOFILE, ulimit -Hn), or lower engine.threads");
        }
        // Half of the total is for sessions before anything beside them gets more than its minimum.
        long budget = Math.Clamp(room / 2, least, Math.Max(wanted, least));
        double share = wanted == least ? 1 : (double)(budget - least) / (wanted - least);
        return new DescriptorPlan([.. parts.Select(p => p with { Granted = p.Least + (int)((p.Wanted - p.Least) * share) })], limit,
            open + atOnce, threads, null);
    }

    /// <summary>"new threads 28, libraries and files 24".</summary>
    public override string ToString() => string.Join(", ", Parts.Where(p => p.Granted > 0).Select(p => $"{p.Name} {p.Granted}"));

    private int Recycled(int sessions) => DescriptorLimit.RecycledPerLoop(sessions, _threads) * _threads;

    private int SessionsWith(long limit, int reserved)
    {
        int taken = _taken + reserved;
        return DescriptorLimit.SessionCapacity(limit, taken + Recycled(DescriptorLimit.SessionCapacity(limit, taken)));
    }

    private static DescriptorPart Fixed(string name, int count) => new(name, count, count);

    private int Of(string name) => Parts.Single(p => p.Name == name).Granted;
}

/// <summary>The descriptors that one purpose beside sessions may hold. Immutable.</summary>
/// <param name="Name">Of the purpose, for people.</param>
/// <param name="Wanted">What it needs when there are enough.</param>
/// <param name="Least">What it must have; the same as wanted where nothing can bound it.</param>
internal sealed record DescriptorPart(string Name, int Wanted, int Least)
{
    /// <summary>Its allotment, between the two.</summary>
    public int Granted { get; init; } = Wanted;
}
