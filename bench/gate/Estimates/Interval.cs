namespace FastTcpProxy.Gate.Estimates;

/// <summary>An estimate with its confidence interval. Immutable.</summary>
public readonly record struct Interval(double Estimate, double Low, double High);
