using FastTcpProxy.NoLoss.Load;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.NoLoss.Runs;

/// <summary>Take-overs, each by a new process, while clients come and go. Used once, by one task.</summary>
internal static class UpgradeRun
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    /// <returns>Whether nothing was lost, and every earlier process ended by itself.</returns>
    public static async Task<bool> RunAsync(string program, int rate, int times)
    {
        await using Stage stage = new(program);
        stage.Configure(0);
        List<ChildProcess> earlier = [];
        ChildProcess now = await stage.StartAsync();
        Clients clients = new(stage.Proxy, rate);
        clients.Start();
        for (int i = 1; i <= times; i++)
        {
            await Task.Delay(Between);
            earlier.Add(now);
            now = await stage.StartAsync("--take-over");
        }
        await Task.Delay(Between);
        await clients.StopAsync();
        bool served = Report.Print($"{times} take-overs", rate, clients);
        foreach (ChildProcess process in earlier)
        {
            int code = await process.WaitForExitAsync();
            Console.WriteLine($"process {process.Id} ended with {code}");
            served &= code == 0;
        }
        return served;
    }
}
