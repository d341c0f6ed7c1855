using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Gate.Running;

/// <summary>
/// A running proxy, started by the driver script of its own source tree (bench/driver.sh), which knows that tree's configuration.
/// It sends a PROXY header of version 2, and has one socket thread. One thread may use it. It owns the process and a folder; dispose ends
/// both.
/// </summary>
public sealed partial class ProxyUnderTest : IDisposable
{
    private const string Driver = "bench/driver.sh";

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60), AnswerMax = TimeSpan.FromSeconds(60),
        StopMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly string _folder;
    private readonly Task<string> _errors;

    private ProxyUnderTest(Process process, string folder, int port, long startedTimestamp)
    {
        _process = process;
        _folder = folder;
        Port = port;
        StartedTimestamp = startedTimestamp;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Of the stopwatch, before the process was started.</summary>
    public long StartedTimestamp { get; }

    /// <summary>Starts it and waits until it listens. It runs on the CPUs of the calling thread.</summary>
    /// <param name="tree">The top of a source tree, built in Release.</param>
    /// <param name="withProbe">With <see cref="ReadAllocation"/>, which costs a thread.</param>
    /// <exception cref="GateException">It ended, or did not listen in time.</exception>
    public static ProxyUnderTest Start(string tree, int port, int upstreamPort, bool withProbe = false)
    {
        ProxyUnderTest proxy = Launch(tree, port, upstreamPort, withProbe);
        try
        {
            proxy.WaitUntilListening();
            return proxy;
        }
        catch
        {
            proxy.Dispose();
            throw;
        }
    }

    /// <summary>Starts it and waits for nothing.</summary>
    public static ProxyUnderTest Launch(string tree, int port, int upstreamPort, bool withProbe)
    {
        string folder = Directory.CreateTempSubdirectory("gate-proxy-").FullName;
        ProcessStartInfo start = new("/bin/sh", [Path.Combine(tree, Driver)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in Variables(folder, port, upstreamPort)) start.Environment[name] = value;
        if (withProbe) start.Environment["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "FastTcpProxy.Gate.Probe.dll");
        long timestamp = Stopwatch.GetTimestamp();
        return new ProxyUnderTest(Process.Start(start)!, folder, port, timestamp);
    }

    /// <exception cref="GateException">It has ended.</exception>
    public void ThrowIfEnded()
    {
        if (_process.HasExited) throw new GateException($"the proxy ended at its start\n{Ended()}");
    }

    /// <summary>
    /// Managed bytes that the process has allocated since its start, exactly. The question itself costs a hundred bytes or two.
    /// </summary>
    /// <exception cref="GateException">It does not answer: it was started without a probe, or is no program of the runtime.</exception>
    public long ReadAllocation()
    {
        _process.StandardInput.Write('\n');
        _process.StandardInput.Flush();
        Task<string?> answer = _process.StandardOutput.ReadLineAsync();
        if (!answer.Wait(AnswerMax) || answer.Result?.Split(' ') is not ["allocated", { } bytes, ..])
            throw new GateException($"the program under measurement does not say what it allocates\n{Ended()}");
        return long.Parse(bytes, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, signal: 15);
            if (!_process.WaitForExit(StopMax)) _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static IEnumerable<(string Name, string Value)> Variables(string folder, int port, int upstreamPort) =>
    [
        ("LISTEN", $"127.0.0.1:{port}"),
        ("UPSTREAMS", $"127.0.0.1:{upstreamPort}"),
        ("MODE", "v2"),
        ("THREADS", "1"),
        // Longer than any machine is taken away: no connect of a measurement fails but by the proxy's fault.
        ("CONNECT_TIMEOUT", "300"),
        ("WORKDIR", folder),
        // For a runtime that is not installed where programs look by themselves.
        ("DOTNET_ROOT", Environment.GetEnvironmentVariable("DOTNET_ROOT")
            ?? Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."))),
    ];

    private void WaitUntilListening()
    {
        for (Stopwatch waited = Stopwatch.StartNew(); waited.Elapsed < StartMax; Thread.Sleep(Poll))
        {
            ThrowIfEnded();
            if (IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(e => e.Port == Port)) return;
        }
        throw new GateException($"the proxy does not listen on 127.0.0.1:{Port} after {StartMax.TotalSeconds:0} s");
    }

    /// <summary>What it said, when it has ended.</summary>
    private string Ended() => _errors.Wait(TimeSpan.FromSeconds(1)) ? Tool.Tail(_errors.Result) : "";

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
