using System.Net;
using FastTcpProxy.Daemon.Tests.Faults;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>What a listener does after a take-over as after a plain start. Real processes.</summary>
public sealed class TakenOverListenerTests
{
    /// <summary>
    /// The close of 127.0.0.1 takes its time, and clients come meanwhile: their handshakes are left to the socket of 0.0.0.0. One that
    /// ended at the socket that leaves would be reset by its close.
    /// </summary>
    /// <param name="takeOvers">How many processes have followed the first.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Reload_ListenerLeaves_NoClientIsReset(int takeOvers)
    {
        Strace.SkipUnlessUsable();
        await using UpgradeBed bed = new() { Engine = "\"threads\": 1" };
        bed.Configure();
        ChildProcess now = await bed.StartAsync();
        for (int i = 0; i < takeOvers; i++)
        {
            ChildProcess next = await bed.FollowAsync(now);
            Assert.Equal(0, await now.WaitForExitAsync());
            now = next;
        }
        string text = await File.ReadAllTextAsync(bed.ConfigurationPath);
        await File.WriteAllTextAsync(bed.ConfigurationPath,
            text.Replace($"\"{bed.Listen}\"", $"\"0.0.0.0:{bed.Listen.Port}\"", StringComparison.Ordinal));

        CallFault slow = new("dup3", "1+", "delay_enter=500ms");
        await using TracedCalls traced = await TracedCalls.StartAsync(now.Id, "dup3", [], slow);
        now.Signal(UnixSignal.Hangup);
        // The one loop does nothing else while it closes: each client is a new one, and waits.
        List<Task> clients = [];
        long started = Environment.TickCount64;
        while (!Listens(IPAddress.Any) || Listens(bed.Listen.Address))
        {
            // Clients come all the time, a hundred a second, and for no longer than a reload may take.
            Assert.True(Environment.TickCount64 - started < Deadline.Patient.TotalMilliseconds, "the listeners were not exchanged");
            clients.Add(bed.VisitAsync());
            await Task.Delay(10);
        }
        await Task.WhenAll(clients);

        Assert.True(TracedCalls.HasHappened(await traced.StopAsync()), "nothing was closed");

        bool Listens(IPAddress at) => ListeningSockets.ReadTables().Any(s => s.Port == bed.Listen.Port && s.Address.Equals(at));
    }
}
