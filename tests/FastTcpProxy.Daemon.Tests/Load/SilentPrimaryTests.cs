using System.Diagnostics;
using System.Net;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Load;

/// <summary>The case that the connect timeout is for: the first upstream does not answer at all, and many clients come at once.</summary>
[Collection(LoadCollection.Name)]
public sealed class SilentPrimaryTests(ITestOutputHelper output)
{
    private const int Clients = 300;

    [Fact]
    public async Task Clients_PrimarySilent_WaitForItsTimeoutAllAtOnce()
    {
        using SilentUpstream silent = await SilentUpstream.StartAsync();
        await using EchoUpstream second = new();
        IPEndPoint listen = FreePort.Loopback();
        using ProxyProcess proxy = await ProxyProcess.StartAsync(LoadConfiguration.RawService(listen, silent.EndPoint, second.EndPoint));
        int socketsBefore = proxy.Child.SocketCount;

        double[] seconds = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            using TestClient connection = await TestClient.ConnectAsync(listen);
            long start = Stopwatch.GetTimestamp();
            string text = $"client {client:000}";
            await connection.SendAsync(text);
            byte[] echo = await connection.ReceiveExactlyAsync(text.Length);
            double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Assert.Equal(text, System.Text.Encoding.ASCII.GetString(echo));
            return took;
        }));

        Array.Sort(seconds);
        output.WriteLine(
            $"{Clients} clients: first {seconds[0]:0.000} s, median {seconds[Clients / 2]:0.000} s, last {seconds[^1]:0.000} s");
        Assert.InRange(seconds[0], 4.9, Deadline.Patient.TotalSeconds);
        // All wait at once: one after another it would take as many times as long as there are clients, two at a time half of it.
        Assert.InRange(seconds[^1], 4.9, Deadline.Patient.TotalSeconds);
        await Eventually.EqualsAsync(socketsBefore, () => proxy.Child.SocketCount, "sockets back to the base");
    }
}
