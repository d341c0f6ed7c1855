namespace FastTcpProxy.LoadTest.Running;

/// <summary>
/// A run that the user gives up (Ctrl+C, SIGTERM) has a few seconds to end by itself. Then it is left, so that its owner can end the
/// processes it has started. Any thread.
/// </summary>
internal static class Interruption
{
    /// <summary>How long a run has.</summary>
    public static readonly TimeSpan GraceMax = TimeSpan.FromSeconds(5);

    /// <summary>How long the program has, with the end of its processes; the command line ends it by force then.</summary>
    public static readonly TimeSpan ProgramMax = TimeSpan.FromSeconds(30);

    /// <summary>Waits for the end of a run.</summary>
    /// <exception cref="OperationCanceledException">The user has given it up.</exception>
    public static async Task WaitAsync(Task run, CancellationToken stop)
    {
        using CancellationTokenSource late = new();
        using CancellationTokenRegistration onStop = stop.Register(() => late.CancelAfter(GraceMax));
        try
        {
            await run.WaitAsync(late.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // It says so below.
        }
        if (stop.IsCancellationRequested) throw new OperationCanceledException("interrupted; there is no result and no report");
    }
}
