using System.Net.Sockets;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>The one table of failures, whole: a change of it is a change here.</summary>
public sealed class FailureTableTests
{
    /// <summary>An error, its row for TCP, for a UNIX socket, and for a connection that was open.</summary>
    private const string Errors = """
        AccessDenied                Other         Other         Broken
        AddressAlreadyInUse         NoLocalPort   NoLocalPort   Broken
        AddressFamilyNotSupported   Unreachable   Unreachable   Broken
        AddressNotAvailable         NoLocalPort   Refused       Broken
        ConnectionAborted           Reset         Reset         Broken
        ConnectionRefused           Refused       Refused       Broken
        ConnectionReset             Reset         Reset         Broken
        HostDown                    Unreachable   Unreachable   Broken
        HostUnreachable             Unreachable   Unreachable   Broken
        NetworkDown                 Unreachable   Unreachable   Broken
        NetworkUnreachable          Unreachable   Unreachable   Broken
        NoBufferSpaceAvailable      NoMemory      NoMemory      NoMemory
        Success                     None          None          None
        TimedOut                    TimedOut      TimedOut      Broken
        TooManyOpenSockets          NoDescriptor  NoDescriptor  Broken
        WouldBlock                  NoLocalPort   QueueFull     Broken
        """;

    /// <summary>
    /// A row, how the attempt is recorded, the reason of a session that closes for it while it connects, and what follows.
    /// </summary>
    private const string Rows = """
        None          Connected     upstream.connect.ended        Stop
        Refused       Refused       upstream.connect.refused      NextAddress
        Reset         Refused       upstream.connect.refused      NextAddress
        TimedOut      TimedOut      upstream.connect.timedOut     NextAddress
        QueueFull     TimedOut      upstream.connect.timedOut     SameAgain
        Unreachable   Unreachable   upstream.connect.unreachable  NextAddress
        Unresolved    Unresolved    upstream.connect.unresolved   NextAddress
        NoLocalPort   NoLocalPort   proxy.connect.noLocalPort     NextSource
        NoDescriptor  NoDescriptor  proxy.connect.noDescriptor    Stop
        NoMemory      NoMemory      proxy.connect.noMemory        NextAddress
        Other         Failed        upstream.connect.failed       NextAddress
        Abandoned     Abandoned     upstream.connect.failed       Stop
        Superseded    Superseded    upstream.connect.failed       Stop
        Broken        Failed        upstream.connect.reset        Stop
        """;

    [Fact]
    public void OfConnectAndOfStream_EachErrorOfTheRuntime_HasItsRow()
    {
        string[] lines =
        [
            .. from error in Enum.GetValues<SocketError>().Append((SocketError)12345).Distinct()
               let rows = (Tcp: FailureTable.OfConnect(error, isUnix: false), Unix: FailureTable.OfConnect(error, isUnix: true),
                   Stream: FailureTable.OfStream(error))
               // Most errors can be of no connect at all.
               where error == SocketError.AccessDenied || rows != (FailureTable.Other, FailureTable.Other, FailureTable.Broken)
               orderby error.ToString()
               select $"{error,-27} {rows.Tcp.Kind,-13} {rows.Unix.Kind,-13} {rows.Stream.Kind}",
        ];
        Assert.Equal(Errors.Split('\n'), lines);
    }

    [Fact]
    public void Rows_Each_SaysWhatFollows() => Assert.Equal(
        Rows.Split('\n'),
        FailureRows.All.Select(f => $"{f.Kind,-13} {f.Outcome,-13} {f.ToReason(EndParty.Upstream, EndPhase.Connect),-29} {f.Next}"));

    [Fact]
    public void Rows_EachKind_HasOneRow() => Assert.Equal(Enum.GetValues<FailureKind>(), FailureRows.All.Select(f => f.Kind));

    [Theory]
    [InlineData(EndParty.Client, EndPhase.Header, SocketError.ConnectionReset, "client.header.reset")]
    [InlineData(EndParty.Upstream, EndPhase.Relay, SocketError.TimedOut, "upstream.relay.reset")]
    [InlineData(EndParty.Client, EndPhase.Relay, SocketError.NoBufferSpaceAvailable, "proxy.relay.noMemory")]
    public void ToReason_ConnectionThatWasOpen_NamesThePeerUnlessThisMachineLacks(EndParty peer, EndPhase phase, SocketError error,
        string reason) =>
        Assert.Equal(reason, FailureTable.OfStream(error).ToReason(peer, phase).ToString());

    /// <summary>What the list fails for, attempt by attempt.</summary>
    [Theory]
    [InlineData("Refused TimedOut", "TimedOut")]
    [InlineData("Refused NoLocalPort", "NoLocalPort")]
    [InlineData("NoLocalPort Refused", "NoLocalPort")]
    [InlineData("NoLocalPort Refused NoMemory Unreachable", "NoMemory")]
    public void After_List_IsTheLastUnlessThereWasALack(string attempts, string expected)
    {
        Failure? failure = null;
        foreach (string attempt in attempts.Split(' ')) failure = FailureRows.All.Single(f => f.Kind.ToString() == attempt).After(failure);
        Assert.Equal(expected, failure!.Kind.ToString());
    }
}
