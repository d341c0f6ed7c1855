using System.Net;
using System.Net.Sockets;
using FastTcpProxy.LoadTest.Model;

namespace FastTcpProxy.LoadTest.Stage;

/// <summary>
/// Clients that make the proxy keep bytes: they send to an upstream that reads nothing, or ask for bytes without end and read none. Each
/// stays until it is reset, and does not come back. Used by one task; it owns the connections.
/// </summary>
/// <param name="writes">Whether they send; else they ask, and do not read.</param>
internal sealed class Hoarders(IPEndPoint target, bool writes) : IDisposable
{
    public const string Series = "attackers";

    /// <summary>
    /// What the kernel keeps on the attackers' own side, and on that of their upstream: little, so that the bytes lie with the proxy, and
    /// the machine's TCP memory is not used up by sockets that in reality are on other machines.
    /// </summary>
    public const int SocketBufferBytes = 16 * 1024;

    /// <summary>
    /// After each write: what fills up within seconds does not have to take all of the machine, which the load shares with the proxy.
    /// </summary>
    private static readonly TimeSpan WritePause = TimeSpan.FromMilliseconds(100);

    private static readonly byte[] Content = new byte[64 * 1024];

    private readonly List<Socket> _sockets = [];
    private readonly CancellationTokenSource _over = new();

    /// <summary>How many are connected now; the others were reset, or never were.</summary>
    public int Held => _sockets.Count(s => (int)s.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)! == 0 && s.Connected);

    /// <summary>They come, evenly over a time.</summary>
    public async Task ArriveAsync(IRecord record, int count, TimeSpan during, CancellationToken ended)
    {
        TimeSpan begin = record.Elapsed;
        List<Task> arriving = [];
        for (int i = 0; i < count && !ended.IsCancellationRequested; i++)
        {
            TimeSpan due = begin + during * i / count, wait = due - record.Elapsed;
            if (wait > TimeSpan.Zero) await Task.Delay(wait, CancellationToken.None);
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            {
                ReceiveBufferSize = SocketBufferBytes, SendBufferSize = SocketBufferBytes,
            };
            _sockets.Add(socket);
            arriving.Add(ArriveAsync(record, socket, due));
        }
        await Task.WhenAll(arriving);
    }

    public void Dispose()
    {
        _over.Cancel();
        foreach (Socket socket in _sockets) socket.Dispose();
    }

    private async Task ArriveAsync(IRecord record, Socket socket, TimeSpan due)
    {
        Fate fate = Fate.Served;
        try
        {
            await socket.ConnectAsync(target, _over.Token);
            if (writes)
            {
                _ = WriteAsync(socket);
            }
            else
            {
                byte[] request = new byte[Request.Bytes];
                Request.Write(request, Request.Send, long.MaxValue);
                await socket.SendAsync(request, _over.Token);
            }
        }
        catch (SocketException)
        {
            fate = Fate.Refused;
        }
        catch (OperationCanceledException)
        {
            fate = Fate.Hung;
        }
        record.Observe(Series, due, new StepResult(fate));
    }

    private async Task WriteAsync(Socket socket)
    {
        try
        {
            while (true)
            {
                await socket.SendAsync(Content, _over.Token);
                await Task.Delay(WritePause, _over.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It was reset, which the proxy may do to the client that holds the most, or the attack is over.
        }
    }
}
