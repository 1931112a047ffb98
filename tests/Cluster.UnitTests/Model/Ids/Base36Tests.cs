using Cluster.Model.Ids;
using Xunit;

namespace Cluster.UnitTests.Model.Ids;

public sealed class Base36Tests
{
    /// <summary>From arithmetic done elsewhere, at the borders of the machine words that the code works in.</summary>
    [Theory]
    [InlineData("0", "0000000000000000000000000")]
    [InlineData("36", "0000000000000000000000010")]
    [InlineData("4738381338321616895", "0000000000000zzzzzzzzzzzz")]
    [InlineData("4738381338321616896", "0000000000001000000000000")]
    [InlineData("22452257707354557240087211123792674815", "0zzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("22452257707354557240087211123792674816", "1000000000000000000000000")]
    [InlineData("18446744073709551616", "0000000000003w5e11264sgsg")]
    [InlineData("170141183460469231731687303715884105728", "7ksyyizzkutudzbv8aqztecjk")]
    [InlineData("340282366920938463463374607431768211455", "f5lxx1zz5pnorynqglhzmsp33")]
    public void Writes_and_reads_known_numbers(string number, string digits)
    {
        UInt128 value = UInt128.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(digits, Base36.Format(value));
        Assert.True(Base36.TryParse(digits, out UInt128 read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("000000000000000000000000")]
    [InlineData("00000000000000000000000000")]
    [InlineData("000000000000A000000000000")]
    [InlineData("00000000000000000000000-1")]
    [InlineData("f5lxx1zz5pnorynqglhzmsp34")]
    [InlineData("g000000000000000000000000")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void Refuses_what_is_not_a_number_of_128_bits(string? text) => Assert.False(Base36.TryParse(text, out _));

    [Fact]
    public void Reads_back_what_it_wrote_in_the_same_order()
    {
        Random random = new(1);
        UInt128[] values = [.. Enumerable.Range(0, 2_000).Select(_ => new UInt128((ulong)random.NextInt64() >> random.Next(64), (ulong)random.NextInt64()))];
        foreach (UInt128 value in values) Assert.Equal(value, Base36.TryParse(Base36.Format(value), out UInt128 read) ? read : default);
        Assert.Equal(values.Order().Select(Base36.Format), values.Select(Base36.Format).Order(StringComparer.Ordinal));
    }
}
