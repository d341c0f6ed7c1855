using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Contestants;

/// <summary>
/// A contestant that runs. It owns the process, all that the process starts, and a folder. One thread but for the output's lines.
/// </summary>
public sealed class RunningContestant : IDisposable
{
    private static readonly TimeSpan ListenTimeout = TimeSpan.FromSeconds(20), StopTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly string _folder;
    private readonly LastLines _lines = new();

    private RunningContestant(Contestant contestant, ContestantSetup setup, Process process, string folder)
    {
        Contestant = contestant;
        Setup = setup;
        _process = process;
        _folder = folder;
        process.OutputDataReceived += (_, line) => _lines.Add(line.Data);
        process.ErrorDataReceived += (_, line) => _lines.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Contestant Contestant { get; }

    public ContestantSetup Setup { get; }

    /// <summary>When it was started, as <see cref="Stopwatch"/> counts.</summary>
    public long StartedTimestamp { get; private init; }

    /// <summary>Starts it.</summary>
    /// <param name="cpus">Where it may run; empty: anywhere.</param>
    /// <exception cref="ContestantException">It cannot be started.</exception>
    public static RunningContestant Start(Contestant contestant, ContestantSetup setup, int[] cpus)
    {
        string folder = Directory.CreateTempSubdirectory($"compare-{contestant.Name}-").FullName;
        (string program, string[] arguments) = ContestantFinder.Command(contestant.Executable, Arguments(contestant, setup, folder));
        ProcessStartInfo info = new(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
        };
        // What has a pool of threads and no setting for it is told by the runtime; the others ignore it.
        if (contestant.Kind == ContestantKind.Naive)
            info.Environment["DOTNET_PROCESSOR_COUNT"] = setup.Threads.ToString(CultureInfo.InvariantCulture);
        try
        {
            long started = Stopwatch.GetTimestamp();
            Process process = Affinity.On(cpus, () => Process.Start(info)!);
            process.StandardInput.Close();
            return new(contestant, setup, process, folder) { StartedTimestamp = started };
        }
        catch (Win32Exception e)
        {
            Directory.Delete(folder, recursive: true);
            throw new ContestantException($"{contestant.Name}: {contestant.Executable} cannot be started: {e.Message}");
        }
    }

    /// <summary>Waits until it listens, without connecting to it.</summary>
    /// <exception cref="ContestantException">It died, or does not listen in time.</exception>
    public void WaitListening()
    {
        for (long start = Stopwatch.GetTimestamp(); !ListeningPorts.Contains(Setup.ListenPort); Thread.Sleep(PollInterval))
        {
            ThrowIfDead();
            if (Stopwatch.GetElapsedTime(start) > ListenTimeout)
                throw new ContestantException(
                    Describe($"does not listen on 127.0.0.1:{Setup.ListenPort} after {ListenTimeout.TotalSeconds} s"));
        }
    }

    /// <summary>The process and all that it started, as nginx does its workers.</summary>
    public int[] Processes => ProcessTree.Of(_process.Id);

    /// <summary>Resident memory of all its processes together.</summary>
    public long ResidentBytes => Processes.Sum(ProcessTree.ResidentBytes);

    /// <exception cref="ContestantException">It has ended.</exception>
    public void ThrowIfDead()
    {
        if (!_process.HasExited) return;
        WaitForLastLines();
        throw new ContestantException(Describe($"died with exit code {_process.ExitCode}"));
    }

    /// <summary>
    /// The last lines can arrive after the exit. The synchronous wait with a timeout does not wait for them; a process of its own that
    /// still has the pipe open would make a wait without one endless.
    /// </summary>
    private void WaitForLastLines()
    {
        using CancellationTokenSource within = new(StopTimeout);
        try
        {
            _process.WaitForExitAsync(within.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>A sentence about it, and its last lines.</summary>
    public string Describe(string what)
    {
        string[] lines = _lines.ToArray();
        return $"{Contestant.Name} ({Contestant.Executable}) {what}"
            + (lines.Length == 0 ? "; it said nothing" : "; its last lines:\n  " + string.Join("\n  ", lines));
    }

    public void Dispose()
    {
        int[] all = Processes;
        if (!_process.HasExited)
        {
            _ = Libc.kill(_process.Id, Libc.SigTerm);
            if (!_process.WaitForExit(StopTimeout))
            {
                foreach (int process in all) _ = Libc.kill(process, Libc.SigKill);
                _process.WaitForExit(StopTimeout);
            }
        }
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string[] Arguments(Contestant contestant, ContestantSetup setup, string folder) => contestant.Kind switch
    {
        ContestantKind.FastTcpProxy => ["run", "--config",
            Write(folder, "fasttcpproxy.json", Configurations.FastTcpProxy(setup, contestant.Keys)), "--log-format", "none"],
        ContestantKind.HAProxy => ["-db", "-f", Write(folder, "haproxy.cfg", Configurations.HAProxy(setup, splice: false))],
        ContestantKind.HAProxySplice => ["-db", "-f", Write(folder, "haproxy.cfg", Configurations.HAProxy(setup, splice: true))],
        ContestantKind.Nginx => ["-e", "stderr", "-c", Write(folder, "nginx.conf", Configurations.Nginx(setup, folder))],
        _ => Configurations.Naive(setup),
    };

    private static string Write(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
