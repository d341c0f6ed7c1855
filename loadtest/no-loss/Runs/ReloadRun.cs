using FastTcpProxy.NoLoss.Load;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.NoLoss.Runs;

/// <summary>Reloads while clients come and go. Used once, by one task.</summary>
internal static class ReloadRun
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    /// <returns>Whether nothing was lost.</returns>
    public static async Task<bool> RunAsync(string program, int rate, int times)
    {
        await using Stage stage = new(program);
        stage.Configure(0);
        ChildProcess proxy = await stage.StartAsync();
        Clients clients = new(stage.Proxy, rate);
        clients.Start();
        for (int i = 1; i <= times; i++)
        {
            await Task.Delay(Between);
            stage.Configure(i);
            long before = proxy.Error.Count;
            proxy.Signal(UnixSignal.Hangup);
            string line = await proxy.Error.WaitForLineAsync(
                l => l.Contains(" 6110 ", StringComparison.Ordinal) || l.Contains(" 6111 ", StringComparison.Ordinal), "the reload is over", after: before);
            if (line.Contains(" 6111 ", StringComparison.Ordinal)) throw new InvalidOperationException(line);
        }
        await clients.StopAsync();
        return Report.Print($"{times} reloads", rate, clients);
    }
}
