using System.Net;
using System.Net.Sockets;
using System.Reflection;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Transport.Saea;

namespace FastTcpProxy.Engine.Tests.Transport;

/// <summary>
/// Both legs send small messages at once. Asked of the sockets: on loopback the stall that Nagle's algorithm makes with delayed
/// acknowledgements does not come reliably, so a test of the time alone would not miss the option.
/// </summary>
[Collection(SocketCollection.Name)]
public sealed class NoDelayTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Accepted_FromABoundListener_HasIt(string address)
    {
        BoundListener bound = ListenSocketBinder.Bind(new ListenAddress(new IPEndPoint(IPAddress.Parse(address), 0)), 1).Single();
        using Socket listener = new(new SafeSocketHandle(bound.Descriptor, ownsHandle: true));
        using Socket client = new(listener.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        using Socket accepted = listener.Accept();
        Assert.True(accepted.NoDelay);
    }

    [Fact]
    public async Task Connected_ToAnUpstream_HasIt()
    {
        await using SaeaBed bed = new();
        (StreamSocket stream, Socket peer) = await bed.ConnectAsync();
        using (peer)
        {
            FieldInfo socket = typeof(SaeaStream).GetField("_socket", BindingFlags.Instance | BindingFlags.NonPublic)!;
            Assert.True(await bed.InLoopAsync(() => ((Socket)socket.GetValue(stream)!).NoDelay));
            await bed.InLoopAsync(() => stream.Close(reset: false));
        }
        await bed.AssertDrainedAsync();
    }
}
