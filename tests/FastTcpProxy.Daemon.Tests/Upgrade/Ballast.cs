using System.Globalization;
using System.Net;
using FastTcpProxy.Daemon.Tests.Behaviour;
using FastTcpProxy.Testing.Net;

namespace FastTcpProxy.Daemon.Tests.Upgrade;

/// <summary>
/// Sessions of a process that take the numbers which its start has left free. A limit for descriptors is one for their numbers
/// (getrlimit(2)), so that what lies below it decides how many the process may still open. One test owns it.
/// </summary>
internal sealed class Ballast : IDisposable
{
    /// <summary>Far more than a start leaves free.</summary>
    private const int SessionsMax = 64;

    private readonly List<TestClient> _sessions = [];

    private Ballast()
    {
    }

    /// <summary>
    /// Adds sessions until one gets a number above all others: no number below is free then, and those of the process's own, the
    /// take-over's spare descriptor too, lie below.
    /// </summary>
    public static async Task<Ballast> FillAsync(int processId, IPEndPoint to)
    {
        Ballast ballast = new();
        int highest;
        do
        {
            Assert.True(ballast._sessions.Count < SessionsMax,
                $"a number below {Highest(processId)} is free still, with {SessionsMax} sessions more");
            highest = Highest(processId);
            TestClient session = await TestClient.ConnectAsync(to);
            ballast._sessions.Add(session);
            await Ends.AssertEchoAsync(session);
        }
        while (Highest(processId) == highest);
        return ballast;
    }

    /// <summary>
    /// The limit with which a process may open so many more. By the highest number, and not by those that are seen to be free: an accept
    /// that waits has taken its number, which is not listed (accept(2) takes it first).
    /// </summary>
    public static int LimitFor(int processId, int free) => Highest(processId) + 1 + free;

    public void Dispose()
    {
        foreach (TestClient session in _sessions) session.Dispose();
    }

    private static int Highest(int processId) =>
        Directory.GetFileSystemEntries($"/proc/{processId}/fd").Max(f => int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture));
}
