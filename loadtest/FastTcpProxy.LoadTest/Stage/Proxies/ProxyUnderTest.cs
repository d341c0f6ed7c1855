using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Stage.Proxies;

/// <summary>A proxy that runs. One task; it owns the process and its folder.</summary>
internal abstract class ProxyUnderTest(ProxySetup setup, TempFolder folder) : IAsyncDisposable
{
    /// <summary>The state that a proxy is given for its program, started last.</summary>
    protected ChildProcess? Process { get; set; }

    protected ProxySetup Setup { get; } = setup;

    protected TempFolder Folder { get; } = folder;

    public int ProcessId => Process!.Id;

    /// <summary>The control group in which it is started; null: the one of the load.</summary>
    public MemoryGroup? Memory { get; private set; }

    /// <summary>Why it has no control group although one was asked for; null: it has, or none was.</summary>
    public string? MemoryMissing { get; private set; }

    /// <summary>Whether it asks its upstreams how they are, apart from its clients' connections.</summary>
    public virtual bool HasChecks => true;

    /// <summary>Starts it, and waits until it listens.</summary>
    public static async Task<ProxyUnderTest> StartAsync(LoadOptions options, ProxySetup setup)
    {
        TempFolder folder = new("load");
        ProxyUnderTest proxy = options.Proxy switch
        {
            ProxyKind.HAProxy => new HAProxy(setup, folder),
            ProxyKind.Nginx => new Nginx(setup, folder),
            _ => new FastTcpProxyProcess(options.Program ?? ProxyExecutable.FilePath, setup, folder),
        };
        try
        {
            if (options.MemoryMib is { } mib)
            {
                proxy.Memory = MemoryGroup.TryCreate(mib, out string? missing);
                proxy.MemoryMissing = missing;
            }
            proxy.Start();
            await proxy.WaitListeningAsync();
            return proxy;
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a run is against, with its version, for the report.</summary>
    public static string Describe(LoadOptions options)
    {
        if (options.Proxy == ProxyKind.FastTcpProxy)
        {
            string program = options.Program ?? ProxyExecutable.FilePath;
            return "fasttcpproxy " + ContestantFinder.FindBuilds([("fasttcpproxy", program)]).First().Version;
        }
        string name = options.Proxy == ProxyKind.HAProxy ? ContestantFinder.HAProxyName : ContestantFinder.NginxName;
        Contestant? peer = ContestantFinder.FindPeer(name, out AbsentContestant? absent);
        return peer is null ? throw new StageException($"{name}: {absent!.Reason}") : $"{name} {peer.Version}";
    }

    /// <summary>
    /// Stops all that it is (SIGSTOP) for a time, as a frozen virtual machine does: the kernel continues to accept clients and to take
    /// their bytes.
    /// </summary>
    public async Task PauseAsync(TimeSpan length)
    {
        int[] processes = [.. Processes.SelectMany(ProcessTree.Of)];
        Signal(processes, UnixSignal.Stop);
        try
        {
            await Task.Delay(length, CancellationToken.None);
        }
        finally
        {
            Signal(processes, UnixSignal.Continue);
        }
    }

    public abstract void Start();

    /// <summary>The operator takes the primary out.</summary>
    public abstract Task DisableAsync();

    /// <summary>And puts it back.</summary>
    public abstract Task EnableAsync();

    public virtual ValueTask DisposeAsync()
    {
        Process?.Dispose();
        Memory?.Dispose();
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// What the kernel sends to the proxy when the load is gone, however it ended: no proxy is left behind.
    /// </summary>
    protected virtual string DeathSignal => "KILL";

    /// <summary>
    /// Starts a program, inside the control group where there is one: from its first instruction, as it reads its limit when it starts.
    /// </summary>
    protected ChildProcess Launch(string program, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null) => BoundProcess.Start(DeathSignal, Memory is { } group
        ? ["/bin/sh", "-c", "echo 0 > \"$0\" && exec \"$@\"", group.ProcessesFile, program, .. arguments]
        : [program, .. arguments], environment);

    /// <summary>The processes that serve, without their children.</summary>
    protected virtual IEnumerable<int> Processes => [ProcessId];

    private static void Signal(int[] processes, UnixSignal signal)
    {
        // One may have ended meanwhile.
        foreach (int process in processes) _ = Libc.kill(process, (int)signal);
    }

    protected static string Installed(string program) => ((string[])["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"])
        .Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists)
        ?? throw new StageException($"{program} is not installed (Debian: apt-get install haproxy nginx libnginx-mod-stream)");

    private Task WaitListeningAsync() => Eventually.HoldsAsync(
        () =>
        {
            Process!.ThrowIfExited();
            return ListeningSockets.Covers(Setup.Listen) && ListeningSockets.Covers(Setup.Neighbour);
        },
        "the proxy listens", detail: () => Process!.Error.Tail());
}
