using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Load;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>
/// Where contestants are started and put under load: CPUs, ports, descriptors. It owns what runs, and ends it when disposed of, which a
/// signal may do from another thread.
/// </summary>
public sealed class Bed : IDisposable
{
    /// <summary>Load before each window, so that the connections are there and the pools are warm again.</summary>
    private const double WarmUpOfRoundSeconds = 0.5;

    /// <summary>What is compiled already needs to fill its pools only.</summary>
    private const double WarmUpOfNativeSeconds = 0.5;

    private readonly List<RunningContestant> _running = [];
    private readonly Action<string> _progress;
    private readonly int[] _proxyCpus, _loadCpus;

    /// <param name="contestants">The first is the one compared with.</param>
    /// <param name="descriptors">How many a process may have.</param>
    /// <param name="progress">Is told what is being done.</param>
    public Bed(CompareOptions options, IReadOnlyList<Contestant> contestants, int descriptors, Action<string> progress)
    {
        Options = options;
        Contestants = contestants;
        Descriptors = descriptors;
        _progress = progress;
        int[] cpus = Affinity.Current;
        Cpus = cpus.Length;
        // With more threads the scheduler is a part of what is compared.
        (_proxyCpus, _loadCpus) = options.Threads == 1 ? Affinity.Divide(cpus, Affinity.SiblingsOf) : ([], []);
    }

    public CompareOptions Options { get; }

    public IReadOnlyList<Contestant> Contestants { get; }

    public int Descriptors { get; }

    /// <summary>Connections that contestants are told to take.</summary>
    public int ConnectionsMax => DescriptorLimit.ConnectionsMax(Descriptors, Options.Connections);

    /// <summary>CPUs that may be used.</summary>
    public int Cpus { get; }

    /// <summary>The proxy has a CPU of its own.</summary>
    public bool IsPinned => _proxyCpus.Length > 0;

    public void Report(string progress) => _progress(progress);

    /// <summary>Starts contestants, all set alike, and waits until they listen.</summary>
    /// <param name="upstreamPort">Null: a free port, for the load's backend.</param>
    /// <exception cref="ContestantException">One does not start.</exception>
    public IReadOnlyList<RunningContestant> Start(IReadOnlyList<Contestant> contestants, ProxyMode mode, int? upstreamPort = null)
    {
        int[] ports = ListeningPorts.FindFree(contestants.Count + 1);
        List<RunningContestant> started = [];
        for (int i = 0; i < contestants.Count; i++)
        {
            ContestantSetup setup = new(ports[i + 1], upstreamPort ?? ports[0], mode, Options.Threads, ConnectionsMax);
            started.Add(Add(RunningContestant.Start(contestants[i], setup, _proxyCpus)));
        }
        foreach (RunningContestant contestant in started) contestant.WaitListening();
        return started;
    }

    /// <summary>Starts one, anywhere on the machine, and does not wait for it.</summary>
    /// <exception cref="ContestantException">It cannot be started.</exception>
    public RunningContestant StartUnpinned(Contestant contestant, ContestantSetup setup) =>
        Add(RunningContestant.Start(contestant, setup, []));

    /// <summary>Ends contestants.</summary>
    public void Stop(IEnumerable<RunningContestant> contestants)
    {
        foreach (RunningContestant contestant in contestants)
        {
            lock (_running)
            {
                if (!_running.Remove(contestant)) continue;
            }
            contestant.Dispose();
        }
    }

    /// <summary>Puts a contestant under load, with a warm-up before the window.</summary>
    /// <param name="kind">What the load does.</param>
    /// <exception cref="ContestantException">It died, or the load could not be made; the text names it.</exception>
    public LoadResult Load(RunningContestant contestant, LoadKind kind, int connections, double rate = 0) =>
        Load(contestant, Describe(contestant, kind, connections) with
        {
            WarmUpSeconds = WarmUpOfRoundSeconds, Seconds = Options.Seconds, Rate = rate, Spin = rate > 0 && IsPinned,
        });

    /// <summary>Load before the first round, after which the compiler of a contestant rests.</summary>
    /// <exception cref="ContestantException">It died, or the load could not be made; the text names it.</exception>
    public LoadResult WarmUp(RunningContestant contestant, LoadKind kind, int connections) =>
        Load(contestant, Describe(contestant, kind, connections) with
        {
            WarmUpSeconds = contestant.Contestant.IsJustInTime
                ? Options.WarmUpSeconds
                : Math.Min(WarmUpOfNativeSeconds, Options.WarmUpSeconds),
            Seconds = Math.Min(0.5, Options.Seconds),
        });

    /// <summary>Opens connections and keeps them open until the load is disposed of.</summary>
    /// <exception cref="ContestantException">It died, or the load could not be made; the text names it.</exception>
    public HeldLoad Hold(RunningContestant contestant, LoadKind kind, int connections)
    {
        const double longerThanNeeded = 120;
        return Blame(contestant,
            () => LoadRun.Start(Describe(contestant, kind, connections) with { Seconds = longerThanNeeded }, Options.Threads, _loadCpus));
    }

    public void Dispose() => StopAll();

    /// <summary>Ends all that runs. Any thread.</summary>
    public void StopAll()
    {
        RunningContestant[] all;
        lock (_running) all = [.. _running];
        Stop(all);
    }

    private LoadResult Load(RunningContestant contestant, LoadOptions options) =>
        Blame(contestant, () => LoadRun.Run(options, Options.Threads, _loadCpus));

    private RunningContestant Add(RunningContestant contestant)
    {
        lock (_running) _running.Add(contestant);
        return contestant;
    }

    private static LoadOptions Describe(RunningContestant contestant, LoadKind kind, int connections) => new()
    {
        Kind = kind,
        Header = contestant.Contestant.Kind.HeaderOf(contestant.Setup.Mode),
        ProxyPort = contestant.Setup.ListenPort,
        BackendPort = contestant.Setup.UpstreamPort,
        Connections = connections,
        Seconds = 0,
        ProxyProcesses = contestant.Processes,
    };

    /// <summary>Runs something with a contestant. When it fails, what is said is first whether the contestant died.</summary>
    private static T Blame<T>(RunningContestant contestant, Func<T> run)
    {
        try
        {
            T result = run();
            contestant.ThrowIfDead();
            return result;
        }
        catch (LoadException e)
        {
            contestant.ThrowIfDead();
            throw new ContestantException(contestant.Describe($"could not be put under load: {e.Message}"));
        }
    }
}
