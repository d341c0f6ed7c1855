using System.Net.Sockets;
using FastTcpProxy.Engine.Listening;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Upstreams;

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
    [InlineData(SocketError.TooManyOpenSockets, AttemptOutcome.NoDescriptor)]
    [InlineData(SocketError.NoBufferSpaceAvailable, AttemptOutcome.NoDescriptor)]
    [InlineData(SocketError.AccessDenied, AttemptOutcome.Failed)]
    [InlineData((SocketError)12345, AttemptOutcome.Failed)]
    public void ConnectErrors_Classify(SocketError error, AttemptOutcome outcome) => Assert.Equal(outcome, ConnectErrors.Classify(error));

    [Theory]
    [InlineData(AttemptOutcome.Refused, EndCause.Refused)]
    [InlineData(AttemptOutcome.TimedOut, EndCause.TimedOut)]
    [InlineData(AttemptOutcome.Unreachable, EndCause.Unreachable)]
    [InlineData(AttemptOutcome.Unresolved, EndCause.Unresolved)]
    [InlineData(AttemptOutcome.NoLocalPort, EndCause.NoLocalPort)]
    [InlineData(AttemptOutcome.NoDescriptor, EndCause.NoDescriptor)]
    [InlineData(AttemptOutcome.Failed, EndCause.Failed)]
    public void ConnectErrors_ToCause(AttemptOutcome last, EndCause cause) => Assert.Equal(cause, ConnectErrors.ToCause(last));

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
