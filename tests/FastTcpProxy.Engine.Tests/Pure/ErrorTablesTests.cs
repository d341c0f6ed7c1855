using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>
/// What each error of the kernel, of an accept or of a bind means; <see cref="FailureTableTests"/> has those of connections.
/// </summary>
public sealed class ErrorTablesTests
{
    [Theory]
    [InlineData(1, SocketError.AccessDenied)]
    [InlineData(11, SocketError.WouldBlock)]
    [InlineData(12, SocketError.NoBufferSpaceAvailable)]
    [InlineData(13, SocketError.AccessDenied)]
    [InlineData(23, SocketError.TooManyOpenSockets)]
    [InlineData(24, SocketError.TooManyOpenSockets)]
    [InlineData(98, SocketError.AddressAlreadyInUse)]
    [InlineData(99, SocketError.AddressNotAvailable)]
    [InlineData(105, SocketError.NoBufferSpaceAvailable)]
    [InlineData(111, SocketError.ConnectionRefused)]
    public void Native_ToSocketError(int errno, SocketError error) => Assert.Equal(error, Native.ToSocketError(errno));

    [Fact]
    public void FullQueueRetry_Waits_DoubleUpToTheLast()
    {
        int wait = 0;
        Assert.Equal([20, 40, 80, 160, 200, 200], Enumerable.Range(0, 6).Select(_ => wait = FullQueueRetry.NextMs(wait)));
    }

    [Theory]
    [InlineData("127.0.0.1:4000", "127.0.0.1:4000", true)]
    [InlineData("127.0.0.1:4000", "127.0.0.1:4001", false)]
    [InlineData("127.0.0.1:4000", "127.0.0.2:4000", false)]
    [InlineData("127.0.0.1:4000", "0.0.0.0:4000", true)]
    [InlineData("127.0.0.1:4001", "0.0.0.0:4000", false)]
    [InlineData("[::1]:4000", "[::1]:4000", true)]
    [InlineData("[::1]:4000", "[::]:4000", true)]
    public void SelfConnect_IsItself(string local, string target, bool itself) =>
        Assert.Equal(itself,
            SelfConnect.IsItself(InetEndPoint.FromIPEndPoint(IPEndPoint.Parse(local)),
                InetEndPoint.FromIPEndPoint(IPEndPoint.Parse(target))));

    [Theory]
    [InlineData(SocketError.ConnectionAborted, nameof(AcceptErrorTier.Connection))]
    [InlineData(SocketError.ConnectionReset, nameof(AcceptErrorTier.Connection))]
    [InlineData(SocketError.NetworkDown, nameof(AcceptErrorTier.Connection))]
    [InlineData(SocketError.OperationNotSupported, nameof(AcceptErrorTier.Connection))]
    [InlineData(SocketError.ProtocolOption, nameof(AcceptErrorTier.Connection))]
    [InlineData(SocketError.HostDown, nameof(AcceptErrorTier.Connection))]
    [InlineData(SocketError.HostUnreachable, nameof(AcceptErrorTier.Connection))]
    [InlineData(SocketError.NetworkUnreachable, nameof(AcceptErrorTier.Connection))]
    // What the runtime makes of EPROTO and ENONET, for which it has no name.
    [InlineData(SocketError.SocketError, nameof(AcceptErrorTier.Connection))]
    [InlineData((SocketError)12345, nameof(AcceptErrorTier.Connection))]
    [InlineData(SocketError.TooManyOpenSockets, nameof(AcceptErrorTier.Resource))]
    [InlineData(SocketError.NoBufferSpaceAvailable, nameof(AcceptErrorTier.Resource))]
    [InlineData(SocketError.NotSocket, nameof(AcceptErrorTier.Listener))]
    [InlineData(SocketError.InvalidArgument, nameof(AcceptErrorTier.Listener))]
    [InlineData(SocketError.OperationAborted, nameof(AcceptErrorTier.Listener))]
    public void AcceptErrors_Classify(SocketError error, string tier) => Assert.Equal(tier, AcceptErrors.Classify(error).ToString());

    [Fact]
    public void BindErrors_EachError_SaysWhatToDoOrWhatTheSystemSays()
    {
        string[] explained =
        [
            .. from error in Enum.GetValues<SocketError>().Distinct()
               let thrown = new SocketException((int)error)
               where BindErrors.Explain(thrown) != thrown.Message
               select $"{error}: {BindErrors.Explain(thrown)}",
        ];
        Assert.Equal(
            [
                "AccessDenied: not permitted; ports below 1024 need CAP_NET_BIND_SERVICE",
                "AddressAlreadyInUse: the address is in use (see: ss -ltnp)",
                "AddressNotAvailable: this machine has no such address (see: ip address)",
            ],
            explained);
    }
}
