using System.Net.Sockets;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.TakeOver;

/// <content>Before the first step: the connection and what is passed over it.</content>
public sealed partial class TakeOverStepTests
{
    /// <summary>It is bound and refuses: its process has begun to listen there, and is not taken for a dead one.</summary>
    [Fact]
    public async Task Connect_PathThatIsBoundAndDoesNotListenYet_Waits()
    {
        using Socket early = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        early.Bind(new UnixDomainSocketEndPoint(_path));
        Task<TakeOverClient?> connecting = Task.Run(
            () => TakeOverClient.Connect(_path, limits: new TakeOverLimits { TransferTime = Deadline.Patient, EndTime = TimeSpan.Zero }));
        Assert.NotSame(connecting, await Task.WhenAny(connecting, Task.Delay(200)));

        early.Listen();
        using Socket accepted = await early.AcceptAsync().WaitAsync(Deadline.Patient);
        accepted.Dispose();

        await Assert.ThrowsAsync<TakeOverException>(() => connecting);
    }

    /// <summary>The other half of an offer fails: none of it stays open.</summary>
    [Fact]
    public void Offer_SecondListCannotBeDuplicated_ClosesTheFirst()
    {
        Assert.Throws<TakeOverException>(
            () => HandOverOffer.Of([new("127.0.0.1:25", [(int)_listener.Handle])], [new("unix:/run/a", [-1])], [], []));

        Assert.Equal(1, OpenFiles.Count(OpenFiles.Identify(_listener)));
    }
}
