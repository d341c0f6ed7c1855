using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>What each error of a connect or an accept means.</summary>
public sealed class ErrorTablesTests
{
    [Theory]
    [InlineData(SocketError.Success, AttemptOutcome.Connected)]
    [InlineData(SocketError.ConnectionRefused, AttemptOutcome.Refused)]
    [InlineData(SocketError.ConnectionReset, AttemptOutcome.Refused)]
    [InlineData(SocketError.TimedOut, AttemptOutcome.TimedOut)]
    [InlineData(SocketError.HostUnreachable, AttemptOutcome.Unreachable)]
    [InlineData(SocketError.NetworkUnreachable, AttemptOutcome.Unreachable)]
    [InlineData(SocketError.AddressFamilyNotSupported, AttemptOutcome.Unreachable)]
    [InlineData(SocketError.AddressNotAvailable, AttemptOutcome.NoLocalPort)]
    [InlineData(SocketError.AddressAlreadyInUse, AttemptOutcome.NoLocalPort)]
    [InlineData(SocketError.WouldBlock, AttemptOutcome.NoLocalPort)]
    [InlineData(SocketError.TooManyOpenSockets, AttemptOutcome.NoDescriptor)]
    [InlineData(SocketError.NoBufferSpaceAvailable, AttemptOutcome.NoMemory)]
    [InlineData(SocketError.AccessDenied, AttemptOutcome.Failed)]
    [InlineData((SocketError)12345, AttemptOutcome.Failed)]
    public void ConnectErrors_Classify(SocketError error, AttemptOutcome outcome) => Assert.Equal(outcome, ConnectErrors.Classify(error, isUnix: false));

    [Theory]
    [InlineData(SocketError.ConnectionRefused, AttemptOutcome.Refused, false)]
    [InlineData(SocketError.AddressNotAvailable, AttemptOutcome.Refused, false)]
    [InlineData(SocketError.WouldBlock, AttemptOutcome.TimedOut, true)]
    [InlineData(SocketError.AccessDenied, AttemptOutcome.Failed, false)]
    [InlineData(SocketError.TooManyOpenSockets, AttemptOutcome.NoDescriptor, false)]
    public void ConnectErrors_ClassifyUnix(SocketError error, AttemptOutcome outcome, bool isFullQueue)
    {
        Assert.Equal(outcome, ConnectErrors.Classify(error, isUnix: true));
        Assert.Equal(isFullQueue, ConnectErrors.IsFullQueue(error, isUnix: true));
        Assert.False(ConnectErrors.IsFullQueue(error, isUnix: false));
    }

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

    /// <summary>The last attempt, the last lack of our own, and what the session is said to have ended for.</summary>
    [Theory]
    [InlineData(AttemptOutcome.Refused, AttemptOutcome.Connected, "upstream.connect.refused")]
    [InlineData(AttemptOutcome.TimedOut, AttemptOutcome.Connected, "upstream.connect.timedOut")]
    [InlineData(AttemptOutcome.Unreachable, AttemptOutcome.Connected, "upstream.connect.unreachable")]
    [InlineData(AttemptOutcome.Unresolved, AttemptOutcome.Connected, "upstream.connect.unresolved")]
    [InlineData(AttemptOutcome.Failed, AttemptOutcome.Connected, "upstream.connect.failed")]
    [InlineData(AttemptOutcome.NoLocalPort, AttemptOutcome.NoLocalPort, "proxy.connect.noLocalPort")]
    [InlineData(AttemptOutcome.NoDescriptor, AttemptOutcome.NoDescriptor, "proxy.connect.noDescriptor")]
    [InlineData(AttemptOutcome.NoMemory, AttemptOutcome.NoMemory, "proxy.connect.noMemory")]
    [InlineData(AttemptOutcome.Refused, AttemptOutcome.NoLocalPort, "proxy.connect.noLocalPort")]
    public void ConnectErrors_ToReason(AttemptOutcome last, AttemptOutcome lack, string reason) =>
        Assert.Equal(reason, ConnectErrors.ToReason(last, lack).ToString());

    [Fact]
    public void ConnectErrors_EachOutcome_IsALackOfOursOrNot()
    {
        AttemptOutcome[] lacks = [.. Enum.GetValues<AttemptOutcome>().Where(ConnectErrors.IsOwnLack)];
        Assert.Equal([AttemptOutcome.NoLocalPort, AttemptOutcome.NoDescriptor, AttemptOutcome.NoMemory], lacks);
        Assert.Equal([AttemptOutcome.NoDescriptor], Enum.GetValues<AttemptOutcome>().Where(ConnectErrors.EndsList));
    }

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
        Assert.Equal(itself, SelfConnect.IsItself(InetEndPoint.FromIPEndPoint(IPEndPoint.Parse(local)), InetEndPoint.FromIPEndPoint(IPEndPoint.Parse(target))));

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
}
