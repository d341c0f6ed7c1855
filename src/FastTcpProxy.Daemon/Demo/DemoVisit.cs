using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>One visit of the demo's client: it connects to the proxy, says a line, reads the answer, and ends. Immutable.</summary>
/// <param name="Client">The client's own address, as it sees it.</param>
/// <param name="Answer">The answer; empty when none came.</param>
/// <param name="Milliseconds">From the connect to the answer, measured by the client.</param>
/// <param name="Arrival">What an upstream saw; null when none did.</param>
/// <param name="Attempts">What the proxy recorded of its attempts, in words.</param>
internal sealed record DemoVisit(string Client, string Answer, double Milliseconds, DemoArrival? Arrival,
    IReadOnlyList<DemoAttempt> Attempts)
{
    private const int AnswerWaitMs = 10_000;

    /// <param name="isHedged">Goes to the service with <c>hedge</c>.</param>
    public static DemoVisit Make(DemoStage stage, bool isHedged = false)
    {
        long began = Stopwatch.GetTimestamp();
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = AnswerWaitMs };
        string answer = "";
        socket.Connect(isHedged ? stage.ListenHedged : stage.Listen);
        string client = socket.LocalEndPoint!.ToString()!;
        try
        {
            socket.Send("hello\n"u8);
            byte[] buffer = new byte[1024];
            answer = Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer)).Trim();
        }
        catch (SocketException)
        {
            // No answer came: the visit says so.
        }
        double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        socket.Close();
        DemoArrival? arrival = answer.Length > 0 ? stage.WaitForArrival(client) : null;
        return new DemoVisit(client, answer, milliseconds, arrival, DemoAttempt.Of(stage.WaitForSession(client)));
    }
}
