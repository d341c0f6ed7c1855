namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// How long connects to one address usually take: smoothed as TCP smooths its round trip (RFC 6298, 2: an eighth and a quarter of each
/// sample). Pure; a value that one loop writes.
/// </summary>
internal struct ConnectTime
{
    private uint _samples;

    /// <summary>The number of the last sample that another loop has told, and this one has taken.</summary>
    public int Told { get; set; }

    /// <summary>The smoothed time, in microseconds; 0 before the first sample.</summary>
    public long SmoothedUs { get; private set; }

    /// <summary>The smoothed deviation from it.</summary>
    public long DeviationUs { get; private set; }

    /// <summary>Whether there is a sample.</summary>
    public readonly bool IsKnown => _samples > 0;

    /// <summary>Twice what is likely: a connect that takes longer is late. In microseconds.</summary>
    public readonly long UsualMaxUs => 2 * (SmoothedUs + (4 * DeviationUs));

    /// <summary>Takes note of a connect that was answered.</summary>
    public void Add(long tookUs)
    {
        if (_samples == 0)
        {
            (SmoothedUs, DeviationUs) = (tookUs, tookUs / 2);
        }
        else
        {
            DeviationUs += (Math.Abs(tookUs - SmoothedUs) - DeviationUs) / 4;
            SmoothedUs += (tookUs - SmoothedUs) / 8;
        }
        if (_samples < uint.MaxValue) _samples++;
    }
}
