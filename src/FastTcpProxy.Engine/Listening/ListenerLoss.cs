using System.Net.Sockets;

namespace FastTcpProxy.Engine.Listening;

/// <summary>The state of a listener whose socket failed for good. Immutable.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Loop">Its loop: an address has a listener for each loop.</param>
/// <param name="Losses">How often it was lost.</param>
/// <param name="Error">Of the accept by which it was lost, or of the last try to open it again.</param>
/// <param name="CanReopen">Whether opening it again is tried.</param>
public sealed record ListenerLoss(string Address, int Loop, long Losses, SocketError Error, bool CanReopen)
{
    /// <summary>Whether it is lost now; otherwise it was opened again.</summary>
    public bool IsLost { get; init; }

    /// <summary>The error as the system says it, with its number (errno(3)).</summary>
    public string ErrorText
    {
        get
        {
            SocketException error = new((int)Error);
            return $"{error.Message} (errno {error.NativeErrorCode})";
        }
    }
}
