using System.Globalization;
using System.Text.Json;

namespace FastTcpProxy.Daemon.Tests.Behaviour;

/// <summary>Reads a line of the session log as the tests compare it (docs/session-log.md). Pure; any thread.</summary>
internal static class SessionFacts
{
    public static string Reason(this JsonElement session) => session.GetProperty("reason").GetString()!;

    /// <summary>"a:refused b:connected".</summary>
    public static string Attempts(this JsonElement session) => string.Join(' ', session.GetProperty("attempts").EnumerateArray()
        .Select(attempt => $"{attempt.GetProperty("upstream").GetString()}:{attempt.GetProperty("outcome").GetString()}"));

    public static double AttemptMs(this JsonElement session, int index) =>
        session.GetProperty("attempts")[index].GetProperty("ms").GetDouble();

    public static double ConnectMs(this JsonElement session) => session.GetProperty("connectMs").GetDouble();

    public static double TotalMs(this JsonElement session) => session.GetProperty("totalMs").GetDouble();

    public static string Client(this JsonElement session) => session.GetProperty("client").GetString()!;

    /// <summary>"bytes from the client/bytes from the upstream".</summary>
    public static string Bytes(this JsonElement session) => string.Create(CultureInfo.InvariantCulture,
        $"{session.GetProperty("bytesFromClient").GetInt64()}/{session.GetProperty("bytesFromUpstream").GetInt64()}");
}
