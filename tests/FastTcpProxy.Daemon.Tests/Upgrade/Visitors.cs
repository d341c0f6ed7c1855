using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// Clients who come one after another without a pause, and what becomes of each: answered, refused, without an answer, or cut off in the
/// middle, as it happens to the sessions of a process that is killed. One test owns it.
/// </summary>
internal sealed class Visitors : IAsyncDisposable
{
    private readonly IPEndPoint _to;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _visits;
    private int _answered, _refused, _silent, _cut;

    public Visitors(IPEndPoint to, int atOnce = 2)
    {
        _to = to;
        _visits = [.. Enumerable.Range(0, atOnce).Select(_ => Task.Run(VisitAsync))];
    }

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>No one listened.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>No one accepted, or answered.</summary>
    public int Silent => Volatile.Read(ref _silent);

    /// <summary>The process that had accepted has ended.</summary>
    public int Cut => Volatile.Read(ref _cut);

    /// <summary>Waits until others have been answered: clients are served now.</summary>
    public Task AreServedAsync(string when)
    {
        int before = Answered;
        return Eventually.HoldsAsync(() => Answered >= before + 4, $"clients are served {when}", detail: ToString);
    }

    public override string ToString() => $"{Answered} answered, {Refused} refused, {Silent} without an answer, {Cut} cut off";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_visits);
        _stop.Dispose();
    }

    private async Task VisitAsync()
    {
        byte[] answer = new byte[5];
        while (!_stop.IsCancellationRequested)
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using CancellationTokenSource bound = new(Deadline.Patient);
            try
            {
                await socket.ConnectAsync(_to, bound.Token);
                await socket.SendAsync("hello"u8.ToArray(), bound.Token);
                int received = await socket.ReceiveAsync(answer, bound.Token);
                Interlocked.Increment(ref received > 0 ? ref _answered : ref _cut);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                Interlocked.Increment(ref _refused);
                await Task.Delay(5);
            }
            catch (SocketException)
            {
                Interlocked.Increment(ref _cut);
            }
            catch (OperationCanceledException)
            {
                Interlocked.Increment(ref _silent);
            }
        }
    }
}
