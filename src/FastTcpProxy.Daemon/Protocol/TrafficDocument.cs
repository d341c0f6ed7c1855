namespace FastTcpProxy.Daemon.Protocol;

/// <summary>What was counted of the clients of a service, or of all services, as of the last second. Immutable.</summary>
/// <param name="Accepted">Clients accepted, those too that were refused.</param>
/// <param name="Active">Those of them that have not ended.</param>
/// <param name="Ended">Those that have ended or were refused.</param>
/// <param name="Failed">Those for which no upstream accepted.</param>
/// <param name="Refused">Those that admission refused.</param>
/// <param name="BytesToUpstreams">Payload.</param>
/// <param name="BytesToClients">Payload.</param>
/// <param name="Attempts">Connects to upstreams that have ended.</param>
/// <param name="AttemptsFailed">Those of them that no upstream accepted.</param>
/// <param name="PerSecond">How it was of late; null in the first second of the process.</param>
/// <param name="FailoverCostMs">What failover has cost the clients that got to an upstream, since the start; null: no client has
/// yet.</param>
/// <param name="FirstByteMs">From the connect to the upstream's first byte, since the start; null: none has come yet.</param>
internal sealed record TrafficDocument(long Accepted, long Active, long Ended, long Failed, long Refused, long BytesToUpstreams,
    long BytesToClients, long Attempts, long AttemptsFailed, RatesDocument? PerSecond, QuantilesDocument? FailoverCostMs,
    QuantilesDocument? FirstByteMs);

/// <summary>How much of it there was per second. Immutable.</summary>
/// <param name="OverSeconds">Over how many seconds: the last ten, or as many as the process is old.</param>
/// <param name="FailoverCostMs">Of the clients that got to an upstream within these seconds; null: there were none.</param>
internal sealed record RatesDocument(double OverSeconds, double Accepted, double Ended, double Failed, double Refused,
    double BytesToUpstreams, double BytesToClients, double AttemptsFailed, QuantilesDocument? FailoverCostMs = null);

/// <summary>Upper bounds of times, in milliseconds: half of them, and 99 of 100, took no longer. Immutable.</summary>
/// <param name="P50">Null: longer than the longest bound, 30 s.</param>
/// <param name="P99">Null: longer than the longest bound, 30 s.</param>
internal sealed record QuantilesDocument(double? P50, double? P99);

/// <summary>What was counted of an upstream, as of the last second. Immutable.</summary>
/// <param name="Attempts">Connects that have ended.</param>
/// <param name="AttemptsFailed">Those of them that it did not accept.</param>
/// <param name="AttemptsFailedPerSecond">Over the same seconds as those of its service; null in the first.</param>
/// <param name="Sessions">Sessions that were proxied to it so far.</param>
/// <param name="FirstByteMs">From the connect to its first byte; null: none has come yet.</param>
internal sealed record UpstreamTrafficDocument(long Attempts, long AttemptsFailed, double? AttemptsFailedPerSecond, long Sessions,
    QuantilesDocument? FirstByteMs);
