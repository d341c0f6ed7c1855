using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Compare.Measurements;
using FastTcpProxy.Testing.Peers;

namespace FastTcpProxy.Compare.Tests.Measurements;

[Collection(PortsCollection.Name)]
public sealed class SilentUpstreamTests
{
    /// <summary>The kernel asks again after a second: half of it tells silence from a slow answer well enough.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(0.5);

    [Fact]
    public async Task Create_WithoutANetworkOfItsOwn_AnswersNoConnect()
    {
        using SilentUpstream upstream = SilentUpstream.Create(ListeningPorts.FindFree(1)[0]);
        Assert.Equal("an accept queue that is full", upstream.Means);
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Task connect = client.ConnectAsync(IPAddress.Loopback, upstream.Port);
        Assert.NotSame(connect, await Task.WhenAny(connect, Task.Delay(Patience)));
    }

    [Fact]
    public async Task DropRule_GivenToNft_IsUnderstood()
    {
        RequiresPeer.PacketFilter();
        ProcessStartInfo info = new(RequiresPeer.NftPath, ["--check", "-f", "-"])
        {
            RedirectStandardInput = true, RedirectStandardError = true,
        };
        using Process nft = Process.Start(info)!;
        await nft.StandardInput.WriteAsync(SilentUpstream.DropRule(8_100));
        nft.StandardInput.Close();
        string error = await nft.StandardError.ReadToEndAsync();
        await nft.WaitForExitAsync();
        Assert.Equal((0, ""), (nft.ExitCode, error));
    }
}
