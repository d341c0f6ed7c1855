namespace FastTcpProxy.Engine.Relay;

/// <summary>What a direction sends before the payload. Inside the loop.</summary>
internal interface IHeaderSource
{
    /// <summary>Whether the header is still to be written.</summary>
    bool IsPending { get; }

    /// <summary>What <see cref="WriteHeader"/> writes at most.</summary>
    int LengthMax { get; }

    /// <summary>Writes the header to the front of the room, a landing buffer, and returns its length; it is no longer pending then.</summary>
    int WriteHeader(Span<byte> room);
}
