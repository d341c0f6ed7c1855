using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.LoadTest.Stage.Proxies;

/// <summary>
/// Starts processes that the kernel ends when this one ends, even by SIGKILL or for lack of memory (PR_SET_PDEATHSIG, prctl(2)). Any
/// thread.
/// </summary>
internal static class BoundProcess
{
    /// <summary>Makes the setting for a program that knows nothing of it, and becomes that program, under the same process ID.</summary>
    private const string Setpriv = "/usr/bin/setpriv";

    /// <param name="signal">What it gets, without SIG.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <exception cref="StageException">It cannot be bound.</exception>
    /// <exception cref="InvalidOperationException">It cannot be started.</exception>
    public static ChildProcess Start(string signal, IEnumerable<string> command, IReadOnlyDictionary<string, string?>? environment)
    {
        if (!File.Exists(Setpriv)) throw new StageException($"{Setpriv} is not installed (Debian: apt-get install util-linux)");
        TaskCompletionSource<ChildProcess> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // The parent is the thread that starts it, not the process: one of the pool may end while the proxy runs.
        Thread parent = new(() =>
        {
            ChildProcess process;
            try
            {
                process = ChildProcess.Start(Setpriv, ["--pdeathsig", signal, "--", .. command], environment);
            }
            catch (Exception e)
            {
                started.SetException(e);
                return;
            }
            started.SetResult(process);
            Task.WaitAll(process.Output.Ended, process.Error.Ended);
        }) { IsBackground = true, Name = "parent of a proxy" };
        parent.Start();
        return started.Task.GetAwaiter().GetResult();
    }
}
